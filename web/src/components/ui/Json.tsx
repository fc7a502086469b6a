/** A value as JSON, for reading and copying. */
export function Json({ value, label }: { value: unknown; label: string }) {
  return (
    <pre className="b-json" tabIndex={0} aria-label={label}>
      {JSON.stringify(value, null, 2)}
    </pre>
  );
}
