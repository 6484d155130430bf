// In the binaries that the package carries: functions to which glibc 2.32 to 2.34 gave new versions
// although they do the same, under the versions of the architecture's first days. A binary that is
// made on a new system loads on an old one then. Empty in any other build.
#if defined(BERKELEY_SOCKETS_PREBUILD) && defined(__linux__)

#include <pthread.h>
#include <signal.h>

#if defined(__x86_64__)
#define OLDEST_VERSION "GLIBC_2.2.5"
#elif defined(__aarch64__)
#define OLDEST_VERSION "GLIBC_2.17"
#else
#error "prebuilt binaries are made for x64 and arm64"
#endif

// What is linked in, libstdc++ included, calls the hidden function, which calls the old one.
#define USE_OLDEST(result, name, parameters, arguments)                     \
  extern "C" result Oldest_##name parameters;                               \
  __asm__(".symver Oldest_" #name "," #name "@" OLDEST_VERSION);            \
  extern "C" __attribute__((visibility("hidden"))) result name parameters { \
    return Oldest_##name arguments;                                         \
  }

USE_OLDEST(void*, dlsym, (void* handle, const char* name), (handle, name))
USE_OLDEST(int, pthread_create,
           (pthread_t * thread, const pthread_attr_t* attributes, void* (*start)(void*),
            void* argument),
           (thread, attributes, start, argument))
USE_OLDEST(int, pthread_detach, (pthread_t thread), (thread))
USE_OLDEST(int, pthread_join, (pthread_t thread, void** result), (thread, result))
USE_OLDEST(int, pthread_once, (pthread_once_t * once, void (*start)()), (once, start))
USE_OLDEST(int, __pthread_key_create, (pthread_key_t * key, void (*destroy)(void*)), (key, destroy))
USE_OLDEST(int, pthread_sigmask, (int how, const sigset_t* set, sigset_t* old), (how, set, old))

// Since 2.32 it says whether atomic operations can be saved; in Node there are always threads.
extern "C" {
__attribute__((visibility("hidden"))) char __libc_single_threaded = 0;
}

#endif
