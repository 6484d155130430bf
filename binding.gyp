{
  "targets": [
    {
      "target_name": "berkeley_sockets",
      "sources": [
        "native/addon.cc",
        "native/prebuild/glibc.cc",
        "<!@(node -p \"require('fs').readdirSync('native/binding').filter(f => f.endsWith('.cc')).map(f => 'native/binding/' + f).join(' ')\")",
        "<!@(node -p \"require('fs').readdirSync('native/core').filter(f => f.endsWith('.cc')).map(f => 'native/core/' + f).join(' ')\")",
        "<!@(node -p \"require('fs').readdirSync('native/core/readiness').filter(f => f.endsWith('.cc')).map(f => 'native/core/readiness/' + f).join(' ')\")",
        "<!@(node -p \"require('fs').readdirSync('native/core/families').filter(f => f.endsWith('.cc')).map(f => 'native/core/families/' + f).join(' ')\")"
      ],
      "include_dirs": ["native", "<!@(node -p \"require('node-addon-api').include_dir\")"],
      "defines": ["NAPI_VERSION=8", "NAPI_DISABLE_CPP_EXCEPTIONS", "NODE_ADDON_API_DISABLE_DEPRECATED"],
      "cflags_cc": ["-std=c++17", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fvisibility=hidden", "-fno-exceptions", "-fno-plt", "-O3"],
      "cflags_cc!": ["-std=gnu++17", "-std=gnu++20"],
      "ldflags": ["-Wl,--gc-sections"],
      "xcode_settings": {
        "CLANG_CXX_LANGUAGE_STANDARD": "c++17",
        "GCC_SYMBOLS_PRIVATE_EXTERN": "YES",
        "GCC_ENABLE_CPP_EXCEPTIONS": "NO",
        "OTHER_CPLUSPLUSFLAGS": ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]
      }
    }
  ]
}
