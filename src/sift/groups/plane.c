/* The plane in which opinions differ most.
 *
 * Computes: the two first principal components of the vote matrix and where people and statements
 *     stand in their plane.
 * Model: a vote that was not given is replaced by the statement's mean, so that after centring it
 *     is exactly 0: the centred matrix C is as sparse as the votes. Statements that are out are
 *     columns of 0. A person is the sum of their centred votes along the axes, times
 *     sqrt(statements / votes), which puts those with few votes as far out as those with many;
 *     statements that are out count as voted on by everybody there.
 * Source: C. Small, M. Bjorkegren, T. Erkkilä, L. Shaw, C. Megill, "Polis: Scaling deliberation by
 *     mapping high dimensional opinion spaces", Recerca 26 (2021); the iteration is C. Lanczos, "An
 *     iteration method for the solution of the eigenvalue problem", J. Res. NBS 45 (1950), with
 *     full reorthogonalisation, the small problem by implicit QL (H. Bowdler, R. S. Martin,
 *     C. Reinsch, J. H. Wilkinson, Numer. Math. 11, 1968).
 * Cost: O(steps · votes + steps² · statements) time, 20 to 50 steps where there are groups, 200 in
 * noise; 12 bytes a vote and 8 · steps · statements bytes. Limits: axes with equal eigenvalues are
 * some two of their plane; when STEPS_MAX do not suffice, is_converged is false and the axes are
 * the best found.
 */
#include "sift/groups/groups.h"

#include "base/arena.h"
#include "base/check.h"
#include "sift/chance/chance.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { STEPS_MAX = 400, STEPS_FIRST = 12 };

/* C by rows: votes less the mean, without statements that are out. */
struct sparse {
    uint32_t rows, columns;
    size_t *row;
    uint32_t *column;
    double *value;
};

/* A point of the iteration: C'C is `diagonal` and `beside` in the basis so far. */
struct lanczos {
    const struct sparse *c;
    double *basis; /* step_max rows of `columns` */
    double *diagonal, *beside;
    double *work;
    struct chance chance;
    uint32_t steps, step_max;
    /* Ritz pairs of the last look: */
    double *vectors; /* steps × steps */
    double *values;
    uint32_t top[2];
    double scale; /* the greatest |value| */
};

static double dot(const double *a, const double *b, size_t n)
{
    double sums[4] = { 0 }; /* four of them, so that additions need not wait for one another */
    size_t i = 0;
    for (; i + 4 <= n; i += 4)
        for (size_t j = 0; j < 4; j++)
            sums[j] += a[i + j] * b[i + j];
    for (; i < n; i++)
        sums[0] += a[i] * b[i];
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

static void add_times(double *to, double factor, const double *from, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] += factor * from[i];
}

/* to = C'C from, a row at a time. */
static void multiply(const struct sparse *c, const double *from, double *to)
{
    memset(to, 0, c->columns * sizeof *to);
    for (uint32_t r = 0; r < c->rows; r++) {
        double sum = 0;
        for (size_t i = c->row[r]; i < c->row[r + 1]; i++)
            sum += c->value[i] * from[c->column[i]];
        for (size_t i = c->row[r]; i < c->row[r + 1]; i++)
            to[c->column[i]] += sum * c->value[i];
    }
}

/* Takes out of w what lies along the basis; twice is enough for orthogonality to rounding. */
static void orthogonalise(const struct lanczos *l, double *w)
{
    uint32_t n = l->c->columns;
    for (int pass = 0; pass < 2; pass++)
        for (uint32_t k = 0; k < l->steps; k++) {
            const double *b = l->basis + (size_t)k * n;
            add_times(w, -dot(b, w, n), b, n);
        }
}

/* Makes w, which is not 0, the next vector of the basis. */
static void take(struct lanczos *l, const double *w)
{
    uint32_t n = l->c->columns;
    double length = sqrt(dot(w, w, n));
    double *b = l->basis + (size_t)l->steps * n;
    for (uint32_t i = 0; i < n; i++)
        b[i] = w[i] / length;
    l->steps++;
}

/* A vector of chance that is orthogonal to the basis, where the Krylov space is exhausted. (It has
   length, for the basis never fills the space here.) */
static void take_chance(struct lanczos *l)
{
    for (uint32_t i = 0; i < l->c->columns; i++)
        l->work[i] = 2 * chance_uniform(&l->chance) - 1;
    orthogonalise(l, l->work);
    take(l, l->work);
}

/* One step: diagonal[k] for the newest vector, and the next vector if there is room. */
static void step(struct lanczos *l)
{
    uint32_t k = l->steps - 1, n = l->c->columns;
    const double *b = l->basis + (size_t)k * n;
    multiply(l->c, b, l->work);
    l->diagonal[k] = dot(b, l->work, n);
    l->scale = fmax(l->scale, l->diagonal[k]);
    orthogonalise(l, l->work);
    l->beside[k] = sqrt(dot(l->work, l->work, n));
    if (l->beside[k] <= 1e-14 * l->scale * (double)n)
        l->beside[k] = 0;
    if (l->steps == l->step_max)
        return;
    if (l->beside[k] == 0)
        take_chance(l);
    else
        take(l, l->work);
}

/* --- The small problem ------------------------------------------------------------------------ */

/* Turns rows i and i + 1 of the eigenvectors by the rotation (c, s). Vectors are rows. */
static void rotate(double *vectors, uint32_t n, uint32_t i, double c, double s)
{
    double *a = vectors + (size_t)i * n, *b = a + n;
    for (uint32_t k = 0; k < n; k++) {
        double f = b[k];
        b[k] = s * a[k] + c * f;
        a[k] = c * a[k] - s * f;
    }
}

/* One implicit QL sweep over rows from..to of the tridiagonal matrix d, e. */
static void sweep(double *d, double *e, double *vectors, uint32_t n, uint32_t from, uint32_t to)
{
    double half = (d[from + 1] - d[from]) / (2 * e[from]), root = hypot(half, 1);
    double g = d[to] - d[from] + e[from] / (half + copysign(root, half));
    double s = 1, c = 1, p = 0;
    for (uint32_t i = to; i-- > from;) {
        double f = s * e[i], b = c * e[i];
        g += copysign(DBL_MIN, g); /* less than rounding; where all is 0 nothing is to be turned */
        double r = hypot(f, g);
        e[i + 1] = r;
        s = f / r;
        c = g / r;
        g = d[i + 1] - p;
        r = (d[i] - g) * s + 2 * c * b;
        p = s * r;
        d[i + 1] = g + p;
        g = c * r - b;
        rotate(vectors, n, i, c, s);
    }
    d[from] -= p;
    e[from] = g;
    e[to] = 0;
}

/* Eigenvalues into d, eigenvectors into the rows of `vectors`; e is used up. */
static void tridiagonal(double *d, double *e, double *vectors, uint32_t n)
{
    memset(vectors, 0, (size_t)n * n * sizeof *vectors);
    for (uint32_t i = 0; i < n; i++)
        vectors[(size_t)i * n + i] = 1;
    e[n - 1] = 0;
    for (uint32_t from = 0; from < n; from++)
        for (;;) {
            uint32_t to = from;
            while (to + 1 < n && fabs(e[to]) > DBL_EPSILON * (fabs(d[to]) + fabs(d[to + 1])))
                to++;
            if (to == from)
                break;
            sweep(d, e, vectors, n, from, to);
        }
}

/* Solves the small problem; whether both axes are as exact as the numbers allow. */
static bool look(struct lanczos *l, double *spare)
{
    uint32_t n = l->steps;
    memcpy(l->values, l->diagonal, n * sizeof *l->values);
    memcpy(spare, l->beside, n * sizeof *spare);
    tridiagonal(l->values, spare, l->vectors, n);
    l->top[0] = 0;
    for (uint32_t i = 1; i < n; i++)
        if (l->values[i] > l->values[l->top[0]])
            l->top[0] = i;
    l->top[1] = l->top[0] == 0 && n > 1 ? 1 : 0;
    for (uint32_t i = 0; i < n; i++)
        if (i != l->top[0] && l->values[i] > l->values[l->top[1]])
            l->top[1] = i;
    double residual = 0;
    for (int a = 0; a < 2; a++)
        residual = fmax(residual, fabs(l->vectors[(size_t)l->top[a] * n + n - 1]));
    return n == l->c->columns || residual * l->beside[n - 1] <= 1e-13 * l->scale;
}

/* --- From votes to places --------------------------------------------------------------------- */

static void find_means(const struct opinions *o, double *mean, struct arena *scratch)
{
    int64_t *sum = arena_new(scratch, int64_t, o->statement_count);
    uint32_t *seen = arena_new(scratch, uint32_t, o->statement_count);
    for (size_t i = 0; i < o->vote_count; i++) {
        sum[o->statement[i]] += o->vote[i];
        seen[o->statement[i]]++;
    }
    for (uint32_t s = 0; s < o->statement_count; s++)
        mean[s] = seen[s] == 0 || o->is_out[s] ? 0 : (double)sum[s] / seen[s];
}

static struct sparse centre(const struct opinions *o, const double *mean, struct arena *arena,
                            double *variance)
{
    struct sparse c = { .rows = o->person_count,
                        .columns = o->statement_count,
                        .row = arena_new(arena, size_t, (size_t)o->person_count + 1),
                        .column = arena_new(arena, uint32_t, o->vote_count),
                        .value = arena_new(arena, double, o->vote_count) };
    size_t n = 0;
    *variance = 0;
    for (uint32_t p = 0; p < o->person_count; p++) {
        for (size_t i = o->row[p]; i < o->row[p + 1]; i++) {
            uint32_t s = o->statement[i];
            if (o->is_out[s])
                continue;
            c.column[n] = s;
            c.value[n] = o->vote[i] - mean[s];
            *variance += c.value[n] * c.value[n];
            n++;
        }
        c.row[p + 1] = n;
    }
    return c;
}

/* Where the iteration starts: near the axes of last time, or anywhere. */
static void start(struct lanczos *l, const struct groups_plane *before)
{
    uint32_t n = l->c->columns;
    for (uint32_t i = 0; i < n; i++)
        l->work[i] = (2 * chance_uniform(&l->chance) - 1) * (before == NULL ? 1 : 1e-3);
    for (uint32_t i = 0; before != NULL && i < before->statement_count; i++)
        l->work[i] += before->axis[0][i] + before->axis[1][i];
    take(l, l->work);
}

/* Which of two opposite directions an axis has: that of last time, else its greatest entry is
   positive. */
static void give_direction(double *axis, uint32_t n, const double *before, uint32_t before_count)
{
    double sign = before == NULL ? 0 : dot(axis, before, before_count);
    double greatest = 0;
    for (uint32_t i = 0; sign == 0 && i < n; i++)
        if (fabs(axis[i]) > fabs(greatest) * (1 + 1e-9))
            greatest = axis[i];
    if (sign < 0 || (sign == 0 && greatest < 0))
        for (uint32_t i = 0; i < n; i++)
            axis[i] = -axis[i];
}

static void keep_axes(struct groups_plane *plane, const struct lanczos *l)
{
    uint32_t n = l->c->columns;
    for (int a = 0; a < 2; a++) {
        double value = l->values[l->top[a]];
        bool is_second_of_one = a == 1 && l->top[1] == l->top[0];
        if (!(value > 1e-12 * plane->variance) || is_second_of_one)
            continue;
        plane->eigenvalue[a] = value;
        const double *weights = l->vectors + (size_t)l->top[a] * l->steps;
        for (uint32_t k = 0; k < l->steps; k++)
            add_times(plane->axis[a], weights[k], l->basis + (size_t)k * n, n);
        double length = sqrt(dot(plane->axis[a], plane->axis[a], n));
        for (uint32_t i = 0; i < n; i++)
            plane->axis[a][i] /= length;
    }
}

static void find_axes(struct groups_plane *plane, const struct sparse *c, struct arena *scratch,
                      const struct groups_plane *before)
{
    uint32_t n = c->columns, most = n < STEPS_MAX ? n : STEPS_MAX;
    struct lanczos l = { .c = c,
                         .basis = arena_new(scratch, double, (size_t)most *n),
                         .diagonal = arena_new(scratch, double, most),
                         .beside = arena_new(scratch, double, most),
                         .work = arena_new(scratch, double, n),
                         .vectors = arena_new(scratch, double, (size_t)most *most),
                         .values = arena_new(scratch, double, most),
                         .step_max = most };
    double *spare = arena_new(scratch, double, most);
    start(&l, before);
    uint32_t next_look = STEPS_FIRST < most ? STEPS_FIRST : most;
    for (;;) {
        uint32_t done = l.steps;
        step(&l); /* makes diagonal[done - 1] and vector `done` */
        if (done < next_look)
            continue;
        uint32_t had = l.steps;
        l.steps = done; /* the newest vector has no row in the small problem yet */
        plane->is_converged = look(&l, spare);
        if (plane->is_converged || done == most)
            break;
        l.steps = had;
        next_look = done + done / 4 < most ? done + done / 4 : most;
    }
    plane->step_count = l.steps;
    keep_axes(plane, &l);
}

void groups_stand(const struct groups_plane *plane, const bool *is_out,
                  const struct groups_vote *votes, size_t count, double at[2])
{
    size_t given = 0;
    at[0] = at[1] = 0;
    for (uint32_t s = 0; s < plane->statement_count; s++)
        given += is_out != NULL && is_out[s];
    for (size_t i = 0; i < count; i++) {
        uint32_t s = votes[i].statement;
        if (s >= plane->statement_count || (is_out != NULL && is_out[s]))
            continue;
        given++;
        for (int a = 0; a < 2; a++)
            at[a] += (votes[i].vote - plane->mean[s]) * plane->axis[a][s];
    }
    double scale = sqrt((double)plane->statement_count / (double)(given == 0 ? 1 : given));
    at[0] *= scale;
    at[1] *= scale;
}

static void place(const struct opinions *o, const struct sparse *c, struct groups_plane *plane)
{
    uint32_t out_count = 0;
    for (uint32_t s = 0; s < o->statement_count; s++)
        out_count += o->is_out[s];
    for (uint32_t p = 0; p < o->person_count; p++) {
        size_t given = c->row[p + 1] - c->row[p] + out_count;
        double scale = sqrt((double)o->statement_count / (double)(given == 0 ? 1 : given));
        for (int a = 0; a < 2; a++) {
            double sum = 0;
            for (size_t i = c->row[p]; i < c->row[p + 1]; i++)
                sum += c->value[i] * plane->axis[a][c->column[i]];
            plane->at[a][p] = scale * sum;
        }
    }
    double far = sqrt((double)o->statement_count);
    for (uint32_t s = 0; s < o->statement_count; s++)
        for (int a = 0; a < 2; a++)
            plane->statement_at[a][s] = far * (1 - plane->mean[s]) * plane->axis[a][s];
}

struct groups_plane groups_plane(struct arena *arena, const struct opinions *o,
                                 const struct groups_plane *before)
{
    struct groups_plane plane = { .statement_count = o->statement_count,
                                  .mean = arena_new(arena, double, o->statement_count),
                                  .is_converged = true };
    for (int a = 0; a < 2; a++) {
        plane.axis[a] = arena_new(arena, double, o->statement_count);
        plane.at[a] = arena_new(arena, double, o->person_count);
        plane.statement_at[a] = arena_new(arena, double, o->statement_count);
    }
    if (o->statement_count == 0)
        return plane;
    struct arena *scratch = arena_make();
    find_means(o, plane.mean, scratch);
    struct sparse c = centre(o, plane.mean, scratch, &plane.variance);
    uint32_t before_count = before == NULL ? 0 : before->statement_count;
    check(before_count <= o->statement_count);
    if (plane.variance > 0) {
        find_axes(&plane, &c, scratch, before_count == 0 ? NULL : before);
        for (int a = 0; a < 2; a++)
            give_direction(plane.axis[a], o->statement_count,
                           before_count == 0 ? NULL : before->axis[a], before_count);
    }
    place(o, &c, &plane);
    arena_free(scratch);
    return plane;
}
