/* A wrong clock for one kind of process, for the tests of clocks that step: preloaded, it adds to the time of day what a
   shared file says (nanoseconds, 8 bytes), in processes whose command line has the word of SHIFT_WORD. Durations (the
   steady clock) stay as they are, as on a host whose time is set. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile int64_t *shift;
static int (*real_gettime)(clockid_t, struct timespec *);

__attribute__((constructor)) static void look(void)
{
    const char *word = getenv("SHIFT_WORD"), *path = getenv("SHIFT_FILE");
    char line[4096];
    int file, length, at = 0;

    real_gettime = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    if (!word || !path || (file = open("/proc/self/cmdline", O_RDONLY)) < 0) return;
    length = read(file, line, sizeof line - 1);
    close(file);
    for (line[length > 0 ? length : 0] = 0; at < length; at += strlen(line + at) + 1)
        if (strstr(line + at, word) && (file = open(path, O_RDONLY)) >= 0) {
            void *page = mmap(0, 8, PROT_READ, MAP_SHARED, file, 0);
            if (page != MAP_FAILED) shift = page;
            close(file);
            return;
        }
}

static int64_t now(clockid_t clock)
{
    struct timespec spec;
    real_gettime(clock, &spec);
    return spec.tv_sec * 1000000000LL + spec.tv_nsec + (shift ? *shift : 0);
}

int clock_gettime(clockid_t clock, struct timespec *spec)
{
    int64_t at;
    if (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE) return real_gettime(clock, spec);
    at = now(clock);
    spec->tv_sec = at / 1000000000;
    spec->tv_nsec = at % 1000000000;
    return 0;
}

int gettimeofday(struct timeval *restrict spec, void *restrict zone)
{
    int64_t at = now(CLOCK_REALTIME);
    (void)zone;
    spec->tv_sec = at / 1000000000;
    spec->tv_usec = at % 1000000000 / 1000;
    return 0;
}

time_t time(time_t *into)
{
    time_t at = now(CLOCK_REALTIME) / 1000000000;
    if (into) *into = at;
    return at;
}
