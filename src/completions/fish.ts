/**
 * Completions for fish. It also matches descriptions with what was typed, so candidates that don't
 * contain it are left out first. For an unknown command, here one without a name, fish offers file
 * names.
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
