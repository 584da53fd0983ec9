/* The keys behind the control sequences that terminals send. */
#include "ui/term/sequence.h"

#include "engine/base/macro.h"

static const struct {
    char final;
    int named;
} cursor_keys[] = {{'A', NAMED_UP},   {'B', NAMED_DOWN}, {'C', NAMED_RIGHT},  {'D', NAMED_LEFT},
                   {'H', NAMED_HOME}, {'F', NAMED_END},  {'Z', NAMED_BACKTAB}};

/* ESC [ number ~ as VT220, xterm, rxvt and the Linux console send it */
static const struct {
    int number;
    enum key_kind kind;
    int value;
} tilde_keys[] = {{1, KIND_NAMED, NAMED_HOME},
                  {3, KIND_NAMED, NAMED_DELETE},
                  {4, KIND_NAMED, NAMED_END},
                  {5, KIND_NAMED, NAMED_PGUP},
                  {6, KIND_NAMED, NAMED_PGDN},
                  {7, KIND_NAMED, NAMED_HOME},
                  {8, KIND_NAMED, NAMED_END},
                  {11, KIND_F, 1},
                  {12, KIND_F, 2},
                  {13, KIND_F, 3},
                  {14, KIND_F, 4},
                  {15, KIND_F, 5},
                  {17, KIND_F, 6},
                  {18, KIND_F, 7},
                  {19, KIND_F, 8},
                  {20, KIND_F, 9},
                  {21, KIND_F, 10}};

enum action sequence_cursor_key(char final)
{
    for (size_t i = 0; i < ARRAY_SIZE(cursor_keys); i++) {
        if (cursor_keys[i].final == final) {
            return keys_lookup(KIND_NAMED, cursor_keys[i].named);
        }
    }
    return ACT_NONE;
}

enum action sequence_tilde_key(int number)
{
    for (size_t i = 0; i < ARRAY_SIZE(tilde_keys); i++) {
        if (tilde_keys[i].number == number) {
            return keys_lookup(tilde_keys[i].kind, tilde_keys[i].value);
        }
    }
    return ACT_NONE;
}
