# The program of a release, for Nix:
#   nix-build -E 'with import <nixpkgs> { }; callPackage ./coax.nix { }'
{ lib, stdenv, fetchurl, patchelf }:

let
  inherit (stdenv.hostPlatform) system isLinux;
  programs = {
    x86_64-linux = {
      name = "coax-x86_64-unknown-linux-gnu";
      sha256 = "@SHA256 coax-x86_64-unknown-linux-gnu@";
    };
    aarch64-linux = {
      name = "coax-aarch64-unknown-linux-gnu";
      sha256 = "@SHA256 coax-aarch64-unknown-linux-gnu@";
    };
    x86_64-darwin = {
      name = "coax-x86_64-apple-darwin";
      sha256 = "@SHA256 coax-x86_64-apple-darwin@";
    };
    aarch64-darwin = {
      name = "coax-aarch64-apple-darwin";
      sha256 = "@SHA256 coax-aarch64-apple-darwin@";
    };
  };
  program = programs.${system} or (throw "a release has no coax for ${system}");
in
stdenv.mkDerivation {
  pname = "coax";
  version = "@VERSION@";
  src = fetchurl {
    url = "@BASE_URL@/${program.name}";
    inherit (program) sha256;
  };

  dontUnpack = true;
  # Stripping or patching the whole file loses the code that follows its ELF sections.
  dontStrip = true;
  dontPatchELF = true;
  nativeBuildInputs = lib.optional isLinux patchelf;

  # The last 8 bytes say how long that code is. It's put back behind the patched runtime.
  installPhase = ''
    runHook preInstall
    install -Dm755 $src $out/bin/coax
  '' + lib.optionalString isLinux ''
    length=$(tail -c 8 $src | od -An -t u8 | tr -d ' ')
    head -c -$length $src > $out/bin/coax
    patchelf --set-interpreter "$(cat $NIX_CC/nix-support/dynamic-linker)" \
      --set-rpath ${lib.makeLibraryPath [ stdenv.cc.libc stdenv.cc.cc ]} $out/bin/coax
    tail -c $length $src >> $out/bin/coax
  '' + ''
    for file in bash-completion/completions/coax zsh/site-functions/_coax fish/vendor_completions.d/coax.fish; do
      mkdir -p $out/share/''${file%/*}
      $out/bin/coax completions ''${file%%[-/]*} > $out/share/$file
    done
    runHook postInstall
  '';

  meta = {
    description = "@SUMMARY@";
    homepage = "@HOME@";
    license = lib.licenses.mit;
    mainProgram = "coax";
    platforms = builtins.attrNames programs;
    sourceProvenance = [ lib.sourceTypes.binaryNativeCode ];
  };
}
