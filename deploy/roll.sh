#!/usr/bin/env bash
# Replaces the running API and worker containers by those of ILGAM_VERSION, with no request refused
# and no job's try used up:
#
#   docker compose build            # or pull; with the new ILGAM_VERSION in .env
#   deploy/roll.sh                  # arguments go to docker compose: -p NAME, --env-file FILE …
#
# First the migrations, which the old processes must be able to live with; then, for the API and for
# the workers, as many new containers beside the old ones, and when they are healthy the old ones
# are stopped, one by one. New ones that do not get healthy within ROLL_WAIT_S (120) are removed and
# the old ones stay. Rolling back is the same with the old ILGAM_VERSION; migrations stay.
set -euo pipefail

if docker compose version >/dev/null 2>&1; then engine=(docker compose); else engine=(docker-compose); fi
args=("$@")
compose() { "${engine[@]}" "${args[@]}" "$@"; }
say() { printf 'roll: %s\n' "$*"; }
give_up_at=0
patience() { give_up_at=$((SECONDS + ${ROLL_WAIT_S:-120})); }
in_time() { [ "$SECONDS" -lt "$give_up_at" ] && sleep 0.5; }

state_of() {
  docker inspect -f '{{if .State.Health}}{{.State.Health.Status}}{{else}}{{.State.Status}}{{end}}' "$1"
}

all_well() {
  local id state
  for id in "$@"; do
    state=$(state_of "$id")
    [ "$state" = healthy ] || [ "$state" = running ] || return 1
  done
}

running() {
  compose ps -q "$1" | xargs -r docker inspect -f '{{if .State.Running}}{{.Id}}{{end}}' | grep . || true
}

# The API processes that the proxy sends requests to.
seen_by_proxy() {
  docker exec "$1" node -e 'fetch("http://proxy:8404").then(async (r) => console.log(await r.text()))'
}

roll() {
  local service=$1 old new
  mapfile -t old < <(running "$service")
  if [ "${#old[@]}" -eq 0 ]; then say "no $service is running"; return; fi
  say "$service: ${#old[@]} new beside ${#old[@]} old"
  compose up -d --no-deps --no-build --no-recreate --scale "$service=$((2 * ${#old[@]}))" "$service"
  mapfile -t new < <(running "$service" | grep -v -x -F "$(printf '%s\n' "${old[@]}")")
  patience
  until all_well "${new[@]}" && { [ "$service" != api ] || [ "$(seen_by_proxy "${new[0]}")" -ge $((2 * ${#old[@]})) ]; }; do
    in_time && continue
    say "$service: the new containers did not get healthy; the old ones stay"
    docker rm -f "${new[@]}" >/dev/null
    exit 1
  done
  for id in "${old[@]}"; do
    docker stop "$id" >/dev/null
    docker rm "$id" >/dev/null
  done
  say "$service: done"
}

if [ -z "$(running proxy)" ]; then
  say 'no proxy is running: see docker-compose.rolling.yml'
  exit 1
fi
compose run --rm --no-deps migrate
roll api
roll worker
