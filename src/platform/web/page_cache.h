/* Pages kept for a moment, so that a thousand people who look at one page at once have it made
 * once.
 *
 * A page is kept for whoever it was made for (a session, or nobody), as long as nothing was
 * committed since, and for at most a second; its forms get fresh keys each time. Only on SQLite,
 * where every commit goes through this process. Bounded: least recently used pages give way. */
#pragma once
#include <stdbool.h>

struct visit;
struct page_cache;

struct page_cache *page_cache_make(void);
void page_cache_free(struct page_cache *cache);
/* Fills v->reply with a kept page. */
bool page_cache_find(struct visit *v);
/* Keeps v->reply where that is allowed. */
void page_cache_keep(struct visit *v);
