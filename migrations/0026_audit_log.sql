-- Who did what that not everybody may do. An entry is written in the transaction of the act.

CREATE TABLE audit_log (
  id          uuid PRIMARY KEY,
  at          timestamptz NOT NULL DEFAULT now(),
  actor_id    uuid,                    -- no reference: an entry outlives the account. NULL: the house itself, or forgotten
  actor_kind  text NOT NULL CHECK (actor_kind IN ('account', 'external', 'service', 'system')),
  actor_role  text,
  action      text NOT NULL CHECK (length(action) BETWEEN 1 AND 60),
  target_kind text NOT NULL CHECK (length(target_kind) BETWEEN 1 AND 40),
  target_id   text CHECK (length(target_id) <= 200),
  outcome     text NOT NULL CHECK (outcome IN ('done', 'refused')),
  reason      text CHECK (length(reason) <= 1000),   -- in the actor's own words
  details     jsonb NOT NULL DEFAULT '{}',
  address     text CHECK (length(address) <= 100),
  request_id  text CHECK (length(request_id) <= 200)
);
CREATE INDEX audit_log_listed ON audit_log (at DESC, id DESC);
CREATE INDEX audit_log_actor ON audit_log (actor_id, at DESC);
CREATE INDEX audit_log_target ON audit_log (target_id, at DESC);

-- An entry stays as it is. It may only lose what is personal when somebody is forgotten, and goes after two years.
CREATE FUNCTION audit_log_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND OLD.at < now() - interval '2 years' THEN
    RETURN OLD;
  END IF;
  IF TG_OP = 'UPDATE'
     AND (NEW.id, NEW.at, NEW.actor_kind, NEW.actor_role, NEW.action, NEW.target_kind, NEW.outcome)
         IS NOT DISTINCT FROM (OLD.id, OLD.at, OLD.actor_kind, OLD.actor_role, OLD.action, OLD.target_kind, OLD.outcome)
     AND (NEW.actor_id IS NULL OR NEW.actor_id IS NOT DISTINCT FROM OLD.actor_id)
     AND (NEW.target_id IS NULL OR NEW.target_id IS NOT DISTINCT FROM OLD.target_id)
     AND (NEW.reason IS NULL OR NEW.reason IS NOT DISTINCT FROM OLD.reason)
     AND (NEW.details = '{}' OR NEW.details IS NOT DISTINCT FROM OLD.details)
     AND (NEW.address IS NULL OR NEW.address IS NOT DISTINCT FROM OLD.address)
     AND (NEW.request_id IS NULL OR NEW.request_id IS NOT DISTINCT FROM OLD.request_id) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'entries of the audit log are neither changed nor deleted' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER audit_log_stays BEFORE UPDATE OR DELETE ON audit_log FOR EACH ROW EXECUTE FUNCTION audit_log_stays();
CREATE TRIGGER audit_log_is_not_emptied BEFORE TRUNCATE ON audit_log FOR EACH STATEMENT EXECUTE FUNCTION audit_log_stays();

ALTER TABLE audit_log REPLICA IDENTITY FULL;
ALTER PUBLICATION halo ADD TABLE audit_log;
