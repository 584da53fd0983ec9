#include "ui/line/line.h"
void line_run(struct app *a) { a->status = 2; }
