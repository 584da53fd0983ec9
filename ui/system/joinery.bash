# The words come from the tables, see the lines above.

# What may stand behind KEY= of the key that is being typed.
_joinery_values() {
    local line key=${1%%=*}
    while read -r line; do
        if [ "${line%%=*}" = "$key" ]; then
            printf '%s\n' "${line#*=}"
            return
        fi
    done <<<"$_joinery_keys"
}

_joinery() {
    local cur prev words cword split
    _init_completion -n = || return
    case $prev in
    --config | --log | --show | --root)
        [ "$prev" = --root ] && _filedir -d || _filedir
        return
        ;;
    --explain)
        mapfile -t COMPREPLY < <(compgen -W "$_joinery_codes" -- "$cur")
        return
        ;;
    --set)
        if [[ $cur == *=* ]]; then
            local key=${cur%%=*}
            mapfile -t COMPREPLY < <(compgen -P "$key=" -W "$(_joinery_values "$cur")" -- "${cur#*=}")
        else
            mapfile -t COMPREPLY < <(compgen -W "$(sed 's/= .*/=/' <<<"$_joinery_keys")" -- "$cur")
            compopt -o nospace
        fi
        return
        ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$_joinery_options" -- "$cur")
} &&
    complete -F _joinery joinery
