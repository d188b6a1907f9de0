#include "base/buf.h"
#include "platform/blobs/blobs.h"
#include "platform/blobs/blobs_test.h"
#include "platform/blobs/media_sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

struct result {
    struct arena *arena;
    struct str webp;
    int width_px, height_px;
    struct fault fault;
};

int picture_setup(void **state)
{
    struct result *r = calloc(1, sizeof *r);
    r->arena = arena_make();
    *state = r;
    return 0;
}

int picture_teardown(void **state)
{
    struct result *r = *state;
    arena_free(r->arena);
    free(r);
    return 0;
}

struct str test_picture_read(struct arena *arena, const char *name)
{
    const char *root = getenv("SOURCE_ROOT");
    struct str path =
        str_printf(arena, "%s/src/platform/blobs/test_data/%s", root == NULL ? "." : root, name);
    FILE *file = fopen(path.data, "re");
    assert_non_null(file);
    struct buf bytes = { .arena = arena };
    for (int c = fgetc(file); c != EOF; c = fgetc(file))
        buf_char(&bytes, (char)c);
    fclose(file);
    return buf_str(&bytes);
}

static bool clean(struct result *r, struct str bytes, int side_px_max)
{
    r->fault = (struct fault){ 0 };
    bool cleaned = picture_clean(r->arena, bytes, side_px_max, &r->webp, &r->width_px,
                                 &r->height_px, &r->fault);
    if (!cleaned && r->fault.kind == FAULT_SETUP)
        fail_msg("%s", r->fault.detail);
    return cleaned;
}

static void assert_refused(struct result *r, struct str bytes, const char *sentence)
{
    assert_false(clean(r, bytes, 800));
    assert_int_equal(r->fault.kind, FAULT_REFUSED);
    assert_string_equal(r->fault.detail, sentence);
}

static bool contains(struct str bytes, struct str part)
{
    return str_find(bytes, part) != SIZE_MAX;
}

void where_and_by_whom_a_picture_was_taken_is_removed(void **state)
{
    struct result *r = *state;
    struct str located = test_picture_read(r->arena, "located.jpg");
    assert_true(contains(located, S("Exif")) && contains(located, S("Ann Secret")));
    assert_true(clean(r, located, 800));
    /* WebP keeps metadata in chunks of these names, and nowhere else. */
    assert_false(contains(r->webp, S("EXIF")) || contains(r->webp, S("Exif")));
    assert_false(contains(r->webp, S("XMP ")) || contains(r->webp, S("ICCP")));
    assert_false(contains(r->webp, S("Ann Secret")));
    assert_true(clean(r, test_picture_read(r->arena, "alpha.png"), 800));
    assert_false(contains(r->webp, S("Ann Secret")));
}

void a_picture_lying_on_its_side_is_turned_upright(void **state)
{
    struct result *r = *state;
    assert_true(
        clean(r, test_picture_read(r->arena, "located.jpg"), 800)); /* 24 × 12, "rotate 90 CW" */
    assert_int_equal(r->width_px, 12);
    assert_int_equal(r->height_px, 24);
}

void pictures_are_scaled_down_but_never_up(void **state)
{
    struct result *r = *state;
    assert_true(clean(r, test_picture_read(r->arena, "alpha.png"), 8));
    assert_int_equal(r->width_px, 8);
    assert_int_equal(r->height_px, 4);
    assert_true(clean(r, test_picture_read(r->arena, "alpha.png"), 16383));
    assert_int_equal(r->width_px, 24);
}

void every_accepted_kind_becomes_webp(void **state)
{
    struct result *r = *state;
    static const char *const names[] = { "alpha.png", "located.jpg", "moving.gif", "plain.webp" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_true(clean(r, test_picture_read(r->arena, names[i]), 800));
        assert_true(str_starts(r->webp, S("RIFF")));
        assert_true(str_equal(str_slice(r->webp, 8, 12), S("WEBP")));
        assert_int_equal(r->width_px + r->height_px, 36);
        /* and what came out can go in again */
        assert_true(clean(r, r->webp, 800));
    }
}

void what_is_no_picture_is_refused_in_a_sentence(void **state)
{
    struct result *r = *state;
    assert_refused(r, test_picture_read(r->arena, "drawing_named.png"),
                   "SVG drawings are not accepted, because they can carry programs. "
                   "Please send it as PNG, JPEG, WebP or GIF.");
    assert_refused(r, S("%PDF-1.7 hello"), "This is not a PNG, JPEG, WebP or GIF picture.");
    assert_refused(r, (struct str){ 0 }, "The file is empty.");
}

void damaged_pictures_are_refused(void **state)
{
    struct result *r = *state;
    static const char sentence[] = "This picture is damaged and cannot be read.";
    static const char *const names[] = { "alpha.png", "located.jpg", "moving.gif", "plain.webp" };
    assert_refused(r, test_picture_read(r->arena, "damaged.png"), sentence);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct str whole = test_picture_read(r->arena, names[i]);
        assert_refused(r, str_slice(whole, 0, 40), sentence);
        assert_refused(r, str_slice(whole, 0, whole.size * 2 / 3), sentence);
    }
}

void a_picture_that_unpacks_to_gigabytes_is_refused(void **state)
{
    struct result *r = *state;
    struct str bomb = test_picture_read(r->arena, "bomb.png"); /* 50,000 × 50,000 in 90 bytes */
    assert_refused(r, bomb, "This picture has more than 40 megapixels. Please make it smaller.");
}

void noise_never_harms_the_server(void **state)
{
    struct result *r = *state;
    static const char *const names[] = { "alpha.png", "located.jpg", "moving.gif", "plain.webp" };
    unsigned random = 12345;
    for (int round = 0; round < 24; round++) {
        struct str whole = str_copy(r->arena, test_picture_read(r->arena, names[round % 4]));
        char *bytes = arena_take(r->arena, whole.size);
        memcpy(bytes, whole.data, whole.size);
        for (int i = 0; i < 12; i++) {
            random = random * 1103515245 + 12345;
            bytes[16 + random / 65536 % (whole.size - 16)] ^= (char)(random >> 8 | 1);
        }
        if (!clean(r, (struct str){ bytes, whole.size }, 800))
            assert_int_equal(r->fault.kind, FAULT_REFUSED);
    }
}

enum { THREADS = 6 };

static void *clean_in_thread(void *context)
{
    struct result *r = context;
    struct str bytes = r->webp;
    r->arena = arena_make();
    if (!picture_clean(r->arena, bytes, 8, &r->webp, &r->width_px, &r->height_px, &r->fault))
        r->width_px = -1;
    arena_free(r->arena);
    return NULL;
}

void many_threads_may_ask_at_once(void **state)
{
    struct result *r = *state, each[THREADS] = { 0 };
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        each[i].webp = test_picture_read(r->arena, "alpha.png");
        assert_int_equal(pthread_create(&threads[i], NULL, clean_in_thread, &each[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(each[i].width_px, 8);
    }
}

void a_missing_helper_is_a_fault_of_the_installation(void **state)
{
    struct result *r = *state;
    const char *before = getenv("MANYHANDS_MEDIA");
    char *kept = before == NULL ? NULL : strdup(before);
    setenv("MANYHANDS_MEDIA", "/nonexistent/manyhands-media", 1);
    bool cleaned = picture_clean(r->arena, test_picture_read(r->arena, "alpha.png"), 800, &r->webp,
                                 &r->width_px, &r->height_px, &r->fault);
    unsetenv("MANYHANDS_MEDIA");
    if (kept != NULL)
        setenv("MANYHANDS_MEDIA", kept, 1);
    free(kept);
    assert_false(cleaned);
    assert_int_equal(r->fault.kind, FAULT_SETUP);
    assert_non_null(strstr(r->fault.detail, "/nonexistent/manyhands-media"));
}

void a_helper_that_dies_or_babbles_is_no_danger(void **state)
{
    struct result *r = *state;
    static const char *const programs[] = { "/bin/false", "/bin/true", "/bin/echo" };
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        setenv("MANYHANDS_MEDIA", programs[i], 1);
        assert_false(clean(r, test_picture_read(r->arena, "alpha.png"), 800));
        unsetenv("MANYHANDS_MEDIA");
        assert_int_equal(r->fault.kind, FAULT_REFUSED);
        assert_string_equal(r->fault.detail, "This picture cannot be read.");
    }
}

/* --- The cage --------------------------------------------------------------------------------- */

static int what_is_possible_in_the_cage(void)
{
    if (!sandbox_enter(10) || !sandbox_close())
        return 100;
    if (socket(AF_INET, SOCK_STREAM, 0) >= 0 || socket(AF_UNIX, SOCK_STREAM, 0) >= 0)
        return 1;
    if (open("/etc/hostname", O_RDONLY | O_CLOEXEC) >= 0)
        return 2;
    if (open("/tmp/manyhands-cage", O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0)
        return 3;
    if (dup(STDERR_FILENO) >= 0)
        return 4;
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    if (child > 0)
        return 5;
    execl("/bin/true", "true", (char *)NULL);
    if (kill(getppid(), 0) == 0)
        return 6;
    return 0;
}

void in_the_cage_nothing_can_be_opened_or_started(void **state)
{
    pid_t child = fork();
    if (child == 0)
        _exit(what_is_possible_in_the_cage());
    int status;
    waitpid(child, &status, 0);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}
