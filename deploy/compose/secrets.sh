#!/bin/sh
# Makes the secrets of compose.yaml in secrets/, once: what is there stays as it is.
set -eu
umask 022
cd "$(dirname "$0")"
mkdir -p secrets
chmod 700 secrets # nobody else gets in; the engine mounts single files, which Belfry's user must be able to read

random() { od -An -v -tx1 -N 24 /dev/urandom | tr -d ' \n'; }

keep() { # name: keeps or writes what stands on standard input
  if [ -s "secrets/$1" ]; then
    cat >/dev/null
  else
    cat >"secrets/$1"
    chmod 444 "secrets/$1"
  fi
}

for name in mysql-root-password migrate-password belfry-password temporal-password operator-password; do
  random | keep "$name"
done
head -c 32 /dev/urandom | base64 | tr -d '\n' | keep secret-key
for user in migrate belfry; do
  name=$user
  [ "$user" = belfry ] || name=belfry_$user
  printf 'mysql://%s:%s@tcp(mysql:3306)/belfry' "$name" "$(cat "secrets/$user-password")" | keep "$user-dsn"
done
echo "The secrets are in $(pwd)/secrets; the first operator's password is in operator-password."
