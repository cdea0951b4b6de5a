/* api_assets.h - docs/openapi.json, embedded by CMake; private to src/api. */
#ifndef HN_API_API_ASSETS_H
#define HN_API_API_ASSETS_H

#include <stddef.h>

extern const unsigned char api_openapi[];
extern const size_t api_openapi_len;

#endif
