/* The same source compiled for several instruction sets; see kernels.c. */
#pragma once
#include "sift/dense/dense.h"

extern const struct dense_kernels dense_kernels_plain;
extern const struct dense_kernels dense_kernels_sse2;
extern const struct dense_kernels dense_kernels_avx2;
extern const struct dense_kernels dense_kernels_avx512;
extern const struct dense_kernels dense_kernels_neon;
