/* Runs the transformer of encode.h over a batch of texts.
 *
 * Model: x = 2 · embedding + position (the original adds the embedding twice). Then twice
 *     x = straight(x) + attended(attention(norm(x)))      straight: as it is in the second layer
 *     x = x + out(max(0, hidden(norm(x))))
 * with four heads of attention: softmax(question · key / √width) · value (Vaswani et al. 2017). The
 * mean over a text's pieces goes through one more layer and tanh, and is brought to length 1. Since
 * a mean of products is the product of the mean, the last `out` is computed once a text.
 *
 * O(pieces · 3.87 million multiplications), and pieces² · 1536 of them for attention. The pieces of
 * several texts stand one below the other in the products, and each text attends to itself.
 */
#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "sift/encode/inside.h"

struct scratch scratch_make(struct arena *arena, uint32_t pieces)
{
    size_t row = pieces * sizeof(float);
    return (struct scratch){ (float *)arena_take_bytes(arena, row * WIDTH),
                             (float *)arena_take_bytes(arena, row * WIDTH),
                             (float *)arena_take_bytes(arena, row * HIDDEN) };
}

static void apply(const struct dense_kernels *k, size_t count, const float *from,
                  const struct linear *linear, float *to)
{
    k->multiply(count, from, linear->matrix, linear->bias, to);
}

/* Σ x and Σ (x - shift)², in eight sums that the compiler keeps side by side. */
enum { SUMS = 8 };

static float sum_of(const float *x, size_t count)
{
    float sums[SUMS] = { 0 };
    for (size_t i = 0; i < count; i += SUMS)
        for (size_t s = 0; s < SUMS; s++)
            sums[s] += x[i + s];
    return ((sums[0] + sums[4]) + (sums[1] + sums[5])) +
           ((sums[2] + sums[6]) + (sums[3] + sums[7]));
}

static float squares_of(const float *x, size_t count, float shift)
{
    float sums[SUMS] = { 0 };
    for (size_t i = 0; i < count; i += SUMS)
        for (size_t s = 0; s < SUMS; s++)
            sums[s] += (x[i + s] - shift) * (x[i + s] - shift);
    return ((sums[0] + sums[4]) + (sums[1] + sums[5])) +
           ((sums[2] + sums[6]) + (sums[3] + sums[7]));
}

static void norm_rows(size_t count, size_t width, const float *from, struct norm norm, float *to)
{
    for (size_t row = 0; row < count; row++, from += width, to += width) {
        float mean = sum_of(from, width) / (float)width;
        float variance = squares_of(from, width, mean) / (float)width;
        float factor = 1 / sqrtf(variance + 1e-6F);
        for (size_t i = 0; i < width; i++)
            to[i] = (from[i] - mean) * (factor * norm.scale[i]) + norm.shift[i];
    }
}

/* One head for one text: `qkv` points at its questions, keys stand `width` and values 2 · width
   behind them. */
static void attend_head(const struct dense_kernels *k, uint32_t pieces, size_t width,
                        const float *qkv, float *to)
{
    size_t size = width / HEADS, stride = 3 * width;
    float weights[ENCODE_PIECES_MAX], scale = 1 / sqrtf((float)size);
    for (uint32_t u = 0; u < pieces; u++) {
        float greatest = -INFINITY, sum = 0;
        for (uint32_t w = 0; w < pieces; w++) {
            weights[w] = k->dot(qkv + u * stride, qkv + w * stride + width, size) * scale;
            greatest = weights[w] > greatest ? weights[w] : greatest;
        }
        for (uint32_t w = 0; w < pieces; w++) {
            weights[w] = expf(weights[w] - greatest);
            sum += weights[w];
        }
        memset(to + u * width, 0, size * sizeof *to);
        for (uint32_t w = 0; w < pieces; w++)
            k->add_scaled(to + u * width, qkv + w * stride + 2 * width, weights[w] / sum, size);
    }
}

static void attend(const struct dense_kernels *k, const struct batch *b, size_t width,
                   const float *qkv, float *to)
{
    for (uint32_t t = 0; t < b->text_count; t++)
        for (size_t head = 0; head < HEADS; head++) {
            size_t first = b->start[t], at = head * (width / HEADS);
            attend_head(k, b->start[t + 1] - b->start[t], width, qkv + first * 3 * width + at,
                        to + first * width + at);
        }
}

static void add(float *to, const float *what, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] += what[i];
}

/* x = straight(x) + attended(attention(norm(x))), and what is hidden of it in `wide`. */
static void run_layer(const struct dense_kernels *k, const struct layer *layer,
                      const struct batch *b, struct scratch s)
{
    size_t count = b->piece_count, width = layer->width;
    norm_rows(count, width, s.state, layer->before_attention, s.normed);
    apply(k, count, s.normed, &layer->question_key_value, s.wide);
    attend(k, b, width, s.wide, s.normed);
    apply(k, count, s.normed, &layer->attended, s.wide);
    if (layer->straight.bias != NULL) {
        apply(k, count, s.state, &layer->straight, s.normed);
        memcpy(s.state, s.normed, count * WIDTH * sizeof(float));
    }
    add(s.state, s.wide, count * WIDTH);
    norm_rows(count, WIDTH, s.state, layer->before_hidden, s.normed);
    apply(k, count, s.normed, &layer->hidden, s.wide);
    for (size_t i = 0; i < count * HIDDEN; i++)
        s.wide[i] = s.wide[i] > 0 ? s.wide[i] : 0;
}

/* x = x + out(hidden). */
static void end_layer(const struct dense_kernels *k, const struct layer *layer, size_t count,
                      struct scratch s)
{
    apply(k, count, s.wide, &layer->out, s.normed);
    add(s.state, s.normed, count * WIDTH);
}

static void embed(const struct model *m, const struct batch *b, float *state)
{
    for (uint32_t t = 0; t < b->text_count; t++)
        for (uint32_t p = b->start[t]; p < b->start[t + 1]; p++) {
            const float *embedding = m->embeddings + (size_t)b->pieces[p] * INPUT;
            const float *position = m->positions + (size_t)(p - b->start[t]) * INPUT;
            for (size_t i = 0; i < INPUT; i++)
                state[p * INPUT + i] = 2 * embedding[i] + position[i];
        }
}

/* The means of each text's pieces take the first places of `rows`; a text has a piece at least, so
   none is overwritten before it is added. */
static void pool(const struct batch *b, size_t width, float *rows)
{
    for (uint32_t t = 0; t < b->text_count; t++) {
        float *mean = rows + t * width;
        uint32_t first = b->start[t], count = b->start[t + 1] - first;
        if (t != first)
            memcpy(mean, rows + first * width, width * sizeof *mean);
        for (uint32_t p = 1; p < count; p++)
            add(mean, rows + (first + p) * width, width);
        for (size_t i = 0; i < width; i++)
            mean[i] /= (float)count;
    }
}

void model_run(const struct encoder *encoder, const struct batch *batch, struct scratch scratch,
               float *vectors)
{
    const struct model *m = &encoder->model;
    embed(m, batch, scratch.state);
    for (size_t l = 0; l < LAYERS; l++) {
        if (l > 0)
            end_layer(encoder->kernels, &m->layers[l - 1], batch->piece_count, scratch);
        run_layer(encoder->kernels, &m->layers[l], batch, scratch);
    }
    pool(batch, WIDTH, scratch.state);
    pool(batch, HIDDEN, scratch.wide);
    end_layer(encoder->kernels, &m->layers[LAYERS - 1], batch->text_count, scratch);
    apply(encoder->kernels, batch->text_count, scratch.state, &m->top, vectors);
    for (uint32_t t = 0; t < batch->text_count; t++) {
        float *vector = vectors + (size_t)t * WIDTH;
        for (size_t i = 0; i < WIDTH; i++)
            vector[i] = tanhf(vector[i]);
        float length = sqrtf(squares_of(vector, WIDTH, 0));
        for (size_t i = 0; i < WIDTH; i++)
            vector[i] /= length;
    }
}
