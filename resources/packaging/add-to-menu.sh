#!/bin/sh
# Add the program in this folder to the menu of the user who runs this; with --remove, take it out again.
# Touches nothing but the user's own ~/.local/share (or XDG_DATA_HOME).
set -eu
id=io.github.momentum_gui.Momentum
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
data=${XDG_DATA_HOME:-$HOME/.local/share}

for file in $(cd "$here/share" && find . -type f ! -name '*.metainfo.xml'); do
    if [ "${1-}" = --remove ]; then
        rm -f "$data/$file"
    else
        mkdir -p "$data/$(dirname "$file")"
        cp "$here/share/$file" "$data/$file"
    fi
done
if [ "${1-}" != --remove ]; then
    # The entry's quoting: a backslash before each of \ " $ `, and % doubled; then the file's: backslashes doubled.
    program=$(printf '%s' "$here/momentum-gui" | sed 's/[\\"$`]/\\&/g; s/%/%%/g; s/\\/\\\\/g')
    entry=$data/applications/$id.desktop
    grep -v -e '^Exec=' -e '^TryExec=' "$here/share/applications/$id.desktop" >"$entry"
    printf 'Exec="%s" --in-window %%f\n' "$program" >>"$entry"
fi
for update in "update-desktop-database $data/applications" "update-mime-database $data/mime"; do
    if command -v "${update%% *}" >/dev/null; then
        "${update%% *}" "${update#* }" || true
    fi
done
