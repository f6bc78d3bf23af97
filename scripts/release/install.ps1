# Installs coax for this user: takes the program from a release, checks it against the release's
# SHA256SUMS, and puts it into ~\.local\bin. Nothing needs an administrator.
#
#   COAX_INSTALL    the folder to put it into instead
#   COAX_BASE_URL   the release's files; in the installer of a release, that release
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue' # Windows PowerShell downloads many times slower with it.

$base = if ($env:COAX_BASE_URL) { $env:COAX_BASE_URL } else { '@BASE_URL@' }
$folder = if ($env:COAX_INSTALL) { $env:COAX_INSTALL } else { Join-Path $HOME '.local\bin' }
# Windows on ARM runs this one, too.
$file = 'coax-x86_64-pc-windows-msvc.exe'

if ($base.StartsWith('@')) {
  throw "install: COAX_BASE_URL isn't set, and this copy of the installer belongs to no release"
}
New-Item -ItemType Directory -Force -Path $folder | Out-Null
$scratch = Join-Path $folder ".coax-$PID.exe"
try {
  # To a file: in memory, the content's type would decide between text and bytes.
  Invoke-WebRequest -UseBasicParsing -Uri "$base/SHA256SUMS" -OutFile $scratch
  $line = Get-Content $scratch | Where-Object { ($_ -split '\s+')[1] -eq $file }
  if (-not $line) { throw "install: the release has no $file" }
  $wanted = ($line -split '\s+')[0]
  Invoke-WebRequest -UseBasicParsing -Uri "$base/$file" -OutFile $scratch
  $found = (Get-FileHash -Algorithm SHA256 $scratch).Hash
  if ($found -ne $wanted) {
    throw "install: $file isn't what SHA256SUMS says: $found instead of $wanted"
  }
  $version = & $scratch --version
  if ($LASTEXITCODE -ne 0) { throw "install: $file doesn't run on this system" }
  $target = Join-Path $folder 'coax.exe'
  Move-Item -Force $scratch $target
  Write-Output "installed $version as $target"
} finally {
  Remove-Item -Force -ErrorAction SilentlyContinue $scratch
}
if (($env:PATH -split ';') -notcontains $folder) {
  Write-Output "$folder isn't on your PATH: add it, or run coax by that path"
}
