// What a container's health check runs: 0 where the process answers, 1 where it does not. It asks for the process alone
// (`/health`): a server whose Postgres is away for a while takes up its work by itself, and a restart would only cost it its log.
const url = `http://127.0.0.1:${process.env.PORT || 3000}/health`;
const answer = await fetch(url, { signal: AbortSignal.timeout(4_000) }).catch(() => undefined);
process.exitCode = answer?.ok ? 0 : 1;
