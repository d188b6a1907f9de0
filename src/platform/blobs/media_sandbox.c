#include "platform/blobs/media_sandbox.h"

#include "platform/blobs/media_protocol.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

static const rlim_t MEMORY_BYTES_MAX = 1024UL * 1024 * 1024;

/* AddressSanitizer reserves terabytes of addresses, so the limit on them must stay away. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define ADDRESSES_LIMITED 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define ADDRESSES_LIMITED 0
#endif
#endif
#ifndef ADDRESSES_LIMITED
#define ADDRESSES_LIMITED 1
#endif

static bool limit(int resource, rlim_t value)
{
    return setrlimit((__rlimit_resource_t)resource, &(struct rlimit){ value, value }) == 0;
}

bool sandbox_enter(unsigned cpu_seconds_max)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    bool limited = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && limit(RLIMIT_CORE, 0) &&
                   limit(RLIMIT_CPU, cpu_seconds_max) &&
                   limit(RLIMIT_FSIZE, MEDIA_OUTPUT_BYTES_MAX) &&
                   (!ADDRESSES_LIMITED || limit(RLIMIT_AS, MEMORY_BYTES_MAX));
    /* Many systems forbid this to ordinary users; what sandbox_close takes away then suffices. */
    (void)!unshare(CLONE_NEWUSER | CLONE_NEWNET);
    return limited;
}

bool sandbox_allow_seconds(unsigned cpu_seconds)
{
    struct rusage used;
    struct rlimit allowed;
    if (getrusage(RUSAGE_SELF, &used) != 0 || getrlimit(RLIMIT_CPU, &allowed) != 0)
        return false;
    rlim_t until = (rlim_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + 1 + cpu_seconds;
    allowed.rlim_cur = until < allowed.rlim_max ? until : allowed.rlim_max;
    return setrlimit(RLIMIT_CPU, &allowed) == 0;
}

#if defined(__x86_64__)
#define OWN_ARCHITECTURE AUDIT_ARCH_X86_64
#define FOREIGN_CALLS_FROM 0x40000000U /* x32: the same calls under other numbers */
#elif defined(__aarch64__)
#define OWN_ARCHITECTURE AUDIT_ARCH_AARCH64
#define FOREIGN_CALLS_FROM 0xFFFFFFFFU
#endif

#ifdef OWN_ARCHITECTURE
#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define ANSWER(action) BPF_STMT(BPF_RET | BPF_K, (action))
#define REFUSE(call)                                                                               \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##call, 0, 1),                                         \
        ANSWER(SECCOMP_RET_ERRNO | (EPERM & SECCOMP_RET_DATA))

static bool calls_refuse(void)
{
    /* The limits already stop new descriptors; this stops what needs none. Threads are allowed:
       clone3 hides its flags from a filter, so it is "unknown" and the C library takes clone. */
    static struct sock_filter filter[] = {
        LOAD(arch),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OWN_ARCHITECTURE, 1, 0),
        ANSWER(SECCOMP_RET_KILL_PROCESS),
        LOAD(nr),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, FOREIGN_CALLS_FROM, 0, 1),
        ANSWER(SECCOMP_RET_KILL_PROCESS),
        REFUSE(socket),
        REFUSE(socketpair),
        REFUSE(connect),
        REFUSE(bind),
        REFUSE(sendto),
        REFUSE(sendmsg),
        REFUSE(execve),
        REFUSE(execveat),
        REFUSE(ptrace),
        REFUSE(process_vm_readv),
        REFUSE(process_vm_writev),
        REFUSE(kill),
        REFUSE(openat),
        REFUSE(unlinkat),
        REFUSE(renameat),
        REFUSE(renameat2),
        REFUSE(linkat),
        REFUSE(symlinkat),
        REFUSE(mkdirat),
        REFUSE(fchmodat),
        REFUSE(fchownat),
        REFUSE(truncate),
        REFUSE(mount),
        REFUSE(unshare),
        REFUSE(setns),
#ifdef __x86_64__
        REFUSE(open),
        REFUSE(creat),
        REFUSE(unlink),
        REFUSE(rename),
        REFUSE(link),
        REFUSE(symlink),
        REFUSE(mkdir),
        REFUSE(rmdir),
        REFUSE(chmod),
        REFUSE(chown),
        REFUSE(fork),
        REFUSE(vfork),
#endif
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1),
        ANSWER(SECCOMP_RET_ERRNO | (ENOSYS & SECCOMP_RET_DATA)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 3),
        LOAD(args[0]),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 1, 0),
        ANSWER(SECCOMP_RET_ERRNO | (EPERM & SECCOMP_RET_DATA)),
        ANSWER(SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = { .len = sizeof filter / sizeof *filter, .filter = filter };
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}
#else
static bool calls_refuse(void)
{
    return true; /* the limits hold everywhere */
}
#endif

bool sandbox_close(void)
{
    bool limited = limit(RLIMIT_NOFILE, 0);
    /* A kernel without filters (some containers) still has the limits. */
    return limited && (calls_refuse() || errno == EINVAL || errno == ENOSYS);
}
