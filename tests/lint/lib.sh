# What several checks share; a check begins with `. tests/lint/lib.sh`.
mkdir -p build/lint

# The order of the folders, lowest first: the Makefile's own list.
layers() {
    sed -n 's/^SERVER_FOLDERS := //p' Makefile
}

c_files() {
    find src tests -name '*.[ch]' -o -name '*.def' | sort
}

# Everything written by hand that is text (no NUL in it), seeds of fuzzing aside.
text_files() {
    find . \( -name .git -o -path ./build -o -path ./tests/fuzz/corpus \) -prune -o \
        -type f ! -path './src/redis-*' -exec grep -Il '' {} + | sed 's|^\./||' | sort
}

# Builds each source of src/ without optimisation, for nm and objdump, and
# prints the objects' names.
objects() {
    if ! make -s -k -j"$(nproc)" VARIANT=lint objects >build/lint/log 2>&1; then
        grep -E 'error|warning' build/lint/log | head -n 5 >&2
        return 1
    fi
    find src -name '*.c' | sed 's|^src/\(.*\)\.c$|build/lint/obj/\1.o|' | sort
}

# The last act of a check: prints what it found, fails if that is anything.
# Notes alone are no failure.
report() {
    [ -z "$1" ] && return 0
    echo "$1"
    [ -z "$(echo "$1" | grep -v '^note:')" ]
}

skip() {
    echo "$1"
    exit 3
}
