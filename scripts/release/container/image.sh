#!/bin/sh
# image.sh PROGRAM FOLDER: makes FOLDER the root file system of a container that has PROGRAM as
# /usr/bin/coax, the files of this system that it needs, and nothing else.
set -eu

program=$1
root=$2

mkdir -p "$root/usr/bin" "$root/etc/ssl/certs" "$root/proc" "$root/dev" "$root/run" "$root/tmp"
chmod 1777 "$root/tmp"
install -m 755 "$program" "$root/usr/bin/coax"

# The loader, glibc (libc, libm, and the empty libdl, libpthread and librt), and GCC's libgcc_s.
ldd "$program" | grep -o '/[^ ]*' | while read -r library; do
  install -D -m 755 "$library" "$root$library"
done

# For TLS to servers whose certificates public authorities have signed.
install -m 644 /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs"

# Names of hosts are looked up in /etc/hosts, then by DNS.
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
echo 'coax:x:65532:65532::/tmp:/nonexistent' >"$root/etc/passwd"
echo 'coax:x:65532:' >"$root/etc/group"
