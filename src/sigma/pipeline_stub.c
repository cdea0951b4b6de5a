#include "sigma/sigma_correlation.h"
enum hn_status pipelines_load(struct sigma_loader *loader)
{
    (void)loader;
    return HN_OK;
}
void pipelines_apply(struct work *w, struct draft_rule *rule)
{
    (void)w;
    (void)rule;
}
void pipelines_apply_correlation(struct work *w, struct correlation_draft *draft)
{
    (void)w;
    (void)draft;
}
