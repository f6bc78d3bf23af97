class Coax < Formula
  desc "@SUMMARY@"
  homepage "@HOME@"
  version "@VERSION@"
  license "@LICENSE@"

  on_macos do
    on_arm do
      url "@BASE_URL@/coax-aarch64-apple-darwin"
      sha256 "@SHA256 coax-aarch64-apple-darwin@"
    end
    on_intel do
      url "@BASE_URL@/coax-x86_64-apple-darwin"
      sha256 "@SHA256 coax-x86_64-apple-darwin@"
    end
  end

  on_linux do
    on_arm do
      url "@BASE_URL@/coax-aarch64-unknown-linux-gnu"
      sha256 "@SHA256 coax-aarch64-unknown-linux-gnu@"
    end
    on_intel do
      url "@BASE_URL@/coax-x86_64-unknown-linux-gnu"
      sha256 "@SHA256 coax-x86_64-unknown-linux-gnu@"
    end
  end

  def install
    bin.install Dir["coax-*"].first => "coax"
    chmod 0755, bin/"coax"
    generate_completions_from_executable(bin/"coax", "completions")
  end

  test do
    assert_equal "coax #{version}", shell_output("#{bin}/coax --version").strip
    assert_equal "ping", pipe_output("#{bin}/coax client exec:cat", "ping")
  end
end
