#!/usr/bin/env bash
# Lays the files of the container image into bin/rootfs, around bin/belfry-slim.
set -euo pipefail
cd "$(dirname "$0")/.."
root=bin/rootfs
authorities=/etc/ssl/certs/ca-certificates.crt
[ -e "$authorities" ] || {
  echo "rootfs.sh: $authorities is missing; scripts/install.sh installs it" >&2
  exit 1
}
rm -rf "$root"
umask 022
mkdir -p "$root"/usr/bin "$root"/etc/ssl/certs "$root"/usr/share/doc/belfry "$root"/tmp
chmod 1777 "$root/tmp"
install -m 555 bin/belfry-slim "$root/usr/bin/belfry"
install -m 644 "$authorities" "$root$authorities"
echo 'belfry:x:65532:65532:Belfry:/:/usr/bin/belfry' >"$root/etc/passwd"
echo 'belfry:x:65532:' >"$root/etc/group"
install -m 644 LICENSE "$root/usr/share/doc/belfry/LICENSE"
scripts/notices.sh bin/belfry-slim >"$root/usr/share/doc/belfry/NOTICES"
