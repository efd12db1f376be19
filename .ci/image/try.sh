#!/usr/bin/env bash
# Builds the image for this machine, and does with it what an operator would: healthy with a volume of its own, a backup beside the server,
# a stop that drains, a restore while it is stopped, and the volume kept over a restart.
set -euo pipefail
cd "$(dirname "$0")/../.."

name="halo-try-$$"
docker buildx build --load --tag "$name" --build-arg VERSION=try .
trap 'docker rm --force "$name" >/dev/null; docker volume rm --force "$name" >/dev/null; docker image rm --force "$name" >/dev/null' EXIT

docker image inspect --format '{{.Size}}' "$name" | awk '{ printf "the image has %.0f MiB\n", $1 / 1048576 }'
confined=(--volume "$name:/data" --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges --env POLISEN_FEED_URL=off)
for round in first second; do
  docker run --detach --name "$name" "${confined[@]}" "$name" >/dev/null
  for _ in $(seq 90); do
    health="$(docker inspect --format '{{.State.Health.Status}}' "$name")"
    [ "$health" = healthy ] && break
    sleep 1
  done
  if [ "$health" != healthy ]; then
    docker logs "$name" >&2
    echo "not healthy after 90 s at its $round start" >&2
    exit 1
  fi
  docker exec "$name" npm run backup
  docker exec "$name" npm run backup -- --list
  docker exec "$name" npm run retention
  docker exec "$name" npm run operator -- --reset admin@localhost >/dev/null
  docker stop --timeout 60 "$name" >/dev/null
  code="$(docker inspect --format '{{.State.ExitCode}}' "$name")"
  if [ "$code" != 0 ]; then
    docker logs "$name" >&2
    echo "ended with $code instead of 0" >&2
    exit 1
  fi
  docker rm "$name" >/dev/null
  docker run --rm "${confined[@]}" "$name" npm run restore -- --latest --set-former-aside
  echo "$round start: healthy, and stopped in order"
done
