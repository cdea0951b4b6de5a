/* config_load.h - the configuration from its files, as the server and `hinomi config` see it.
 *
 * The file, then every *.yaml of conf.d beside it in the order of their names, then variables of
 * the environment. Problems are shown to the user here. */
#ifndef HN_APP_CONFIG_LOAD_H
#define HN_APP_CONFIG_LOAD_H

#include "base/attr.h"
#include "config/config.h"

#include <stdint.h>

#define CONFIG_FILE_DEFAULT "/etc/hinomi/hinomi.yaml"

/* path NULL: the default file, and plain defaults where there is none. EXIT_USAGE when something is
 * wrong with the content, EXIT_IO when a file cannot be read; *ret_config is given on EXIT_FINE
 * alone. ret_files may be NULL. */
HN_MUST_USE int config_load(const char *path, struct config **ret_config, uint32_t *ret_files);

#endif
