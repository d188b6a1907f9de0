#include "sift/table/table_testing.h"
int main(void) { (void)make_arena; (void)drop_arena; return 0; }
