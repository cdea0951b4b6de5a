/* trial_yaml.h - what the readers of this module share. Private to src/trial. */
#ifndef HN_TRIAL_TRIAL_YAML_H
#define HN_TRIAL_TRIAL_YAML_H

#include "base/arena.h"
#include "base/yaml.h"
#include "sigma/sigma.h"

/* HN_SYNTAX with the place of ref, which is there. */
enum hn_status trial_wrong(struct hn_yaml_ref ref, struct hn_err *err, const char *reason);
/* The scalars of a list; false when out of memory. */
bool trial_texts(struct hn_arena *arena, struct hn_yaml_ref list, struct sigma_texts *ret_texts);

#endif
