#!/bin/sh
# Makes the namespace in Temporal, or leaves it as it is. Three days are enough: histories
# hold ids only, and what happened is in Belfry's database.
#
#   TEMPORAL_ADDRESS=temporal.internal:7233 namespace.sh
#
# temporal is Temporal's command line, which reads TEMPORAL_TLS_… and TEMPORAL_API_KEY, too.
set -eu
name=${TEMPORAL_NAMESPACE:-belfry}
unset TEMPORAL_NAMESPACE # the command would ask for it before it is there
tries=60
until temporal operator cluster health >/dev/null 2>&1; do
  tries=$((tries - 1))
  [ "$tries" -gt 0 ] || { echo "namespace.sh: Temporal does not answer" >&2; exit 1; }
  sleep 2
done
if temporal operator namespace describe --namespace "$name" >/dev/null 2>&1; then
  echo "the namespace $name is there"
else
  temporal operator namespace create --namespace "$name" --retention "${TEMPORAL_RETENTION:-72h}"
fi
