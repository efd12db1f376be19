/** Keeps a list's place while the replica opens, so that nothing jumps. */
export function Skeletons({ rows }: { rows: number }) {
  return (
    <ul className="cards" aria-hidden="true">
      {Array.from({ length: rows }, (_, n) => (
        <li key={n} className="card skeleton" />
      ))}
    </ul>
  );
}
