/* The scripted engine for the programs of this folder: a folder's own helpers are linked before the
 * product. */
#include "tests/ui/fake_engine.c"
#include "tests/ui/fake_offline.c"
