#include "sift/table/table_testing.h"
int main(void) { return 0; }
