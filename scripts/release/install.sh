#!/bin/sh
# Installs coax for this user: takes the program for this machine from a release, checks it against
# the release's SHA256SUMS, and puts it into ~/.local/bin. Nothing needs root, nothing else changes.
#
#   COAX_INSTALL    the folder to put it into instead
#   COAX_BASE_URL   the release's files; in the installer of a release, that release
set -eu

base=${COAX_BASE_URL:-@BASE_URL@}
folder=${COAX_INSTALL:-${HOME:?}/.local/bin}

fail() {
  echo "install: $1" >&2
  exit 1
}

# The name of this machine among the targets of a release.
target() {
  system=$(uname -s)
  processor=$(uname -m)
  # Under Rosetta, uname names a processor that the machine doesn't have.
  if [ "$system" = Darwin ] && [ "$(sysctl -n sysctl.proc_translated 2>/dev/null)" = 1 ]; then
    processor=arm64
  fi
  case $processor in
    x86_64 | amd64) processor=x86_64 ;;
    aarch64 | arm64) processor=aarch64 ;;
  esac
  case $system in
    Linux) echo "$processor-unknown-linux-gnu" ;;
    Darwin) echo "$processor-apple-darwin" ;;
    *) echo "$processor-$system" ;;
  esac
}

# Whether this is a Linux without glibc, such as Alpine. Its ldd names its C library.
has_musl() {
  case $(ldd --version 2>&1) in
    *musl*) ;;
    *) return 1 ;;
  esac
}

# download URL FILE
download() {
  if command -v curl >/dev/null; then
    curl --fail --silent --show-error --location --output "$2" "$1"
  elif command -v wget >/dev/null; then
    wget --quiet --output-document="$2" "$1"
  else
    fail "neither curl nor wget is there to download with"
  fi || fail "can't download $1"
}

sha256() {
  if command -v sha256sum >/dev/null; then
    sha256sum <"$1"
  elif command -v shasum >/dev/null; then
    shasum --algorithm 256 <"$1"
  else
    fail "neither sha256sum nor shasum is there to check the download with"
  fi | cut -d ' ' -f 1
}

case $base in
  "" | @*) fail "COAX_BASE_URL isn't set, and this copy of the installer belongs to no release" ;;
esac
has_musl && fail "coax's runtime, Deno, needs glibc, and this system has musl (see docs/platforms.md)"
file=coax-$(target)
mkdir -p "$folder" || fail "can't make $folder"
# In the same folder, so that mv replaces coax atomically, even while it runs.
scratch=$(mktemp -d "$folder/.coax.XXXXXX") || fail "can't write to $folder"
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM

download "$base/SHA256SUMS" "$scratch/SHA256SUMS"
wanted=$(awk -v file="$file" '$2 == file { print $1 }' "$scratch/SHA256SUMS")
[ -n "$wanted" ] || fail "the release has no $file"
download "$base/$file" "$scratch/coax"
found=$(sha256 "$scratch/coax")
[ "$found" = "$wanted" ] || fail "$file isn't what SHA256SUMS says: $found instead of $wanted"

chmod 755 "$scratch/coax"
version=$("$scratch/coax" --version) || fail "$file doesn't run on this system"
mv -f "$scratch/coax" "$folder/coax"
echo "installed $version as $folder/coax"
case :$PATH: in
  *":$folder:"*) ;;
  *) echo "$folder isn't on your PATH: add it, or run coax by that path" ;;
esac
