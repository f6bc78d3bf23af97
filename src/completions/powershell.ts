/** Completions for PowerShell (5.1 and later). */
import {
  type CommandModel,
  OPEN_PREFIXES,
  type OptionModel,
  type Place,
  TOP_LEVEL,
  WHOLE_ADDRESSES,
} from "./model.ts";

/** The script: a table of the commands, and one completer that reads it. */
export function powershell(commands: readonly CommandModel[]): string {
  return `# PowerShell completion for coax. In $PROFILE: coax completions powershell | Out-String | iex

Register-ArgumentCompleter -Native -CommandName coax -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $addresses = ${list([...OPEN_PREFIXES, ...WHOLE_ADDRESSES])}
    $commands = [ordered]@{
${commands.map(commandOf).join("\n")}
    }
${COMPLETER}}
`;
}

/** An empty answer leaves the place to PowerShell, which offers files. */
const COMPLETER = `
    function Offer($text, $tip) {
        if ("$text".StartsWith($wordToComplete)) {
            [System.Management.Automation.CompletionResult]::new($text, $text, 'ParameterValue', $tip)
        }
    }

    $words = @($commandAst.CommandElements |
        Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
        ForEach-Object { $_.ToString() })
    if ($words.Count -lt 2) {
        foreach ($name in $commands.Keys) { Offer $name $commands[$name].Summary }
        foreach ($name in ${list(TOP_LEVEL)}) { Offer $name $name }
        return
    }
    $command = $commands[$words[1]]
    if (-not $command) { return }

    $operand = 0
    $place = $null
    for ($i = 2; $i -lt $words.Count; $i++) {
        $word = $words[$i]
        $option = $command.Options | Where-Object { $_.Names -ccontains $word } | Select-Object -First 1
        $place = $null
        if ($option -and $option.ContainsKey('Values')) {
            $i++
            if ($i -eq $words.Count) { $place = $option.Values }
        } elseif ($word -notlike '-?*') { $operand++ }
    }
    if ($null -ne $place) {
        foreach ($text in $place) { if ($text) { Offer $text $text } }
        return
    }
    if ($wordToComplete -like '-*') {
        foreach ($option in $command.Options) {
            foreach ($name in $option.Names) { Offer $name $option.Help }
        }
    }
    $last = $command.Operands.Count - 1
    if ($operand -gt $last -and $command.Open) { $operand = $last }
    if ($operand -le $last) {
        foreach ($text in $command.Operands[$operand]) { if ($text) { Offer $text $text } }
    }
`;

function commandOf({ name, summary, options, operands, open }: CommandModel): string {
  return `        ${quote(name)} = @{
            Summary = ${quote(summary)}
            Open = $${open}
            Operands = @(${operands.map(({ place }) => `, ${offers(place)}`).join("; ")})
            Options = @(
${options.map(optionOf).join("\n")}
            )
        }`;
}

function optionOf({ long, short, help, value }: OptionModel): string {
  const names = [...short ? [`-${short}`] : [], `--${long}`];
  const values = value ? `; Values = ${offers(value.place)}` : "";
  return `                @{ Names = ${list(names)}; Help = ${quote(help)}${values} }`;
}

/** What to offer; an empty text where nothing can be listed, so that a value is still a value. */
function offers({ words, addresses }: Place): string {
  if (addresses) return "$addresses";
  return list(words.length > 0 ? words : [""]);
}

function list(texts: readonly string[]): string {
  return `@(${texts.map(quote).join(", ")})`;
}

/** One word for PowerShell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
