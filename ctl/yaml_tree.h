/* yaml_tree.h - a YAML document as a JSON tree, with ${NAME} taken from the environment.
 *
 * Plain scalars are typed as JSON types them (null, true, false, numbers); quoted ones are text.
 * ${NAME} stands in plain and double-quoted scalars, $$ is a dollar sign. Errors name file and
 * line.
 */
#ifndef CARTAGE_CTL_YAML_TREE_H
#define CARTAGE_CTL_YAML_TREE_H

#include "wire/json.h"

MUST_USE bool yaml_tree_read(const char *name, const char *text, size_t size,
                             const char *(*variable)(const char *name), json **out,
                             struct err *err);

#endif
