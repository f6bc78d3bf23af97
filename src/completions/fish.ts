/**
 * Completions for fish, which decides about spaces by itself. It would also look for the letters
 * that were typed in descriptions, so what doesn't contain them is left out before. Names of files
 * are what it offers for a command that it doesn't know, here one without a name.
 */
export const fish = `# fish completion for coax. In config.fish: coax completions fish | source

function __coax_complete
    set -l words (commandline -opc)[2..]
    set -l current (commandline -ct)
    set -l typed (string replace -ra '["\\'\\\\\\\\]' '' -- "$current")
    set -l lines (command coax __complete (count $words) $words "$typed" 2>/dev/null)
    string match -r -- '^[^\\t]*'(string escape --style=regex -- "$typed")'.*' $lines[2..]
    set -l own (string split ' ' -- $lines[1])
    switch "$own[1]"
        case files
            complete -C "'' $current"
        case program
            complete -C (string join ' ' -- (string escape -- $words[(math $own[2] + 1)..]) "$current")
    end
end

complete -c coax -f -a '(__coax_complete)'
`;
