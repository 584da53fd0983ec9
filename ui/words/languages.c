/* Languages that are not offered here. */
#include "engine/base/strv.h"
#include "ui/i18n/i18n.h"
#include "ui/words/words.h"

bool words_language_hint(const struct wizard *w)
{
    const struct i18n_language *list;
    return !w->by_line && w->page == PAGE_WELCOME && w->overlay == OVER_NONE &&
           (w->focus == FLD_LANGUAGE || i18n_missed()) && i18n_held_back(&list) > 0;
}

char *words_held_back(void)
{
    const struct i18n_language *list;
    size_t n = i18n_held_back(&list);
    struct buf b = BUF_INIT(1024);
    for (size_t i = 0; i < n; i++)
        buf_printf(&b, "%s%s", i ? ", " : "", list[i].english);
    AUTOFREE char *names = buf_steal(&b);
    if (n == 0 || !names)
        return xstrdup("");
    /* TRANSLATORS: %s is a list of languages, by their English names. */
    return xasprintf(_("This terminal cannot show %s. They are there over SSH and in graphical "
                       "terminals."),
                     names);
}
