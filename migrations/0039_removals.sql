-- locks: SHARE ROW EXCLUSIVE on users, for as long as it takes to write the catalog: two triggers. A new table and function besides.
-- What a restore must not undo: who was forgotten, disabled or enabled, and who got another role. A job copies it to where backups
-- lie. Of the person there is the id and nothing else, so that a row may outlive him.

CREATE TABLE removals (
  id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id    uuid NOT NULL,
  kind       text NOT NULL CHECK (kind IN ('forgotten', 'disabled', 'enabled', 'role')),
  role       user_role CHECK ((role IS NOT NULL) = (kind = 'role')),
  -- Not when its transaction began: who waited for another one's row comes after him.
  at         timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- When it was put into a book beside the backups.
  written_at timestamptz
);
CREATE INDEX removals_person ON removals (user_id, id);
CREATE INDEX removals_time ON removals (at);
CREATE INDEX removals_unwritten ON removals (at, id) WHERE written_at IS NULL;

-- Triggers, so that it is noted whoever does it: an instance of the version before, or an operator by hand.
CREATE FUNCTION note_removal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    INSERT INTO removals (user_id, kind) VALUES (OLD.id, 'forgotten');
    RETURN NULL;
  END IF;
  -- From the moment he asks; all else of him is of no matter from then on.
  IF NEW.erasing_at IS NOT NULL THEN
    IF OLD.erasing_at IS NULL THEN
      INSERT INTO removals (user_id, kind) VALUES (NEW.id, 'forgotten');
    END IF;
    RETURN NULL;
  END IF;
  IF (OLD.disabled_at IS NULL) <> (NEW.disabled_at IS NULL) THEN
    INSERT INTO removals (user_id, kind)
    VALUES (NEW.id, CASE WHEN NEW.disabled_at IS NULL THEN 'enabled' ELSE 'disabled' END);
  END IF;
  IF OLD.role <> NEW.role THEN
    INSERT INTO removals (user_id, kind, role) VALUES (NEW.id, 'role', NEW.role);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER removal_noted AFTER UPDATE ON users FOR EACH ROW
  WHEN ((OLD.erasing_at IS NULL) <> (NEW.erasing_at IS NULL) OR (OLD.disabled_at IS NULL) <> (NEW.disabled_at IS NULL)
    OR OLD.role <> NEW.role)
  EXECUTE FUNCTION note_removal();
CREATE TRIGGER removal_noted_of_gone AFTER DELETE ON users FOR EACH ROW
  WHEN (OLD.erasing_at IS NULL) EXECUTE FUNCTION note_removal();
