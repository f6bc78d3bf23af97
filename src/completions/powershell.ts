/** Completions for PowerShell (5.1 and later), which offers files where the answer is empty. */
export const powershell =
  `# PowerShell completion for coax. In $PROFILE: coax completions powershell | Out-String | iex

Register-ArgumentCompleter -Native -CommandName coax -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $words = @($commandAst.CommandElements | Select-Object -Skip 1 |
        Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
        ForEach-Object { $_.ToString() })
    coax __complete $words.Count @words $wordToComplete 2>$null | Select-Object -Skip 1 | ForEach-Object {
        $text, $tip = $_ -split "\`t", 2
        if ($text.StartsWith($wordToComplete)) {
            if (-not $tip) { $tip = $text }
            [System.Management.Automation.CompletionResult]::new($text, $text, 'ParameterValue', $tip)
        }
    }
}
`;
