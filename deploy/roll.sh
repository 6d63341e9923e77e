#!/usr/bin/env bash
# Replaces the running API and worker containers by those of ILGAM_VERSION, with no request refused
# and no job's try used up:
#
#   docker compose build            # or pull; with the new ILGAM_VERSION in .env
#   deploy/roll.sh                  # arguments go to docker compose: -p NAME, --env-file FILE …
#
# First the migrations, which the old processes must be able to live with; then, for each API and
# each worker, a new container beside the old one, which is stopped when the new one is healthy. A
# new one that does not get healthy within ROLL_WAIT_S (120) is removed, and what is still there of
# the old ones stays. Rolling back is the same with the old ILGAM_VERSION; migrations stay.
set -euo pipefail

if docker compose version >/dev/null 2>&1; then engine=(docker compose); else engine=(docker-compose); fi
args=("$@")
compose() { "${engine[@]}" "${args[@]}" "$@"; }
say() { printf 'roll: %s\n' "$*"; }

state_of() {
  docker inspect -f '{{if .State.Health}}{{.State.Health.Status}}{{else}}{{.State.Status}}{{end}}' "$1"
}

running() {
  compose ps -q "$1" | xargs -r docker inspect -f '{{if .State.Running}}{{.Id}}{{end}}' | grep . || true
}

# How many API processes the proxy sends requests to.
seen_by_proxy() {
  docker exec "$1" node -e 'fetch("http://proxy:8404").then(async (r) => console.log(await r.text()))'
}

# Until the container is healthy and, for an API, the proxy has so many of them.
await() {
  local service=$1 id=$2 count=$3 give_up_at=$((SECONDS + ${ROLL_WAIT_S:-120}))
  while [ "$SECONDS" -lt "$give_up_at" ]; do
    if [[ "$(state_of "$id")" =~ ^(healthy|running)$ ]]; then
      if [ "$service" != api ] || [ "$(seen_by_proxy "$id")" -ge "$count" ]; then return; fi
    fi
    sleep 0.5
  done
  say "$service: the new container did not get healthy; the old ones stay. Its last lines:"
  docker logs --tail 5 "$id"
  docker rm -f "$id" >/dev/null
  exit 1
}

# One by one: starting costs a core for a moment, which those that serve may need.
roll() {
  local service=$1 old id new
  mapfile -t old < <(running "$service")
  for id in "${old[@]}"; do
    mapfile -t before < <(running "$service")
    compose up -d --no-deps --no-build --no-recreate --scale "$service=$((${#old[@]} + 1))" "$service"
    new=$(running "$service" | grep -v -x -F "$(printf '%s\n' "${before[@]}")")
    await "$service" "$new" $((${#old[@]} + 1))
    docker stop "$id" >/dev/null
    docker rm "$id" >/dev/null
  done
  say "$service: ${#old[@]} replaced"
}

if [ -z "$(running proxy)" ]; then
  say 'no proxy is running: see docker-compose.rolling.yml'
  exit 1
fi
compose run --rm --no-deps migrate
roll api
roll worker
