package rules

import (
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/internal/catalog"
)

// dataSeen is what data events of one type show in an account. A trail may
// have them for some resources alone: those that never show are not judged.
type dataSeen struct {
	actions   actionSet
	resources []glob
}

func (d *dataSeen) shows(resource glob) bool {
	return slices.ContainsFunc(d.resources, resource.overlaps)
}

// dataShown collects, by account and type, the resources on which anybody's
// data events show: buckets with their objects, other resources as they are.
func (z *sizer) dataShown() map[string]map[string]*dataSeen {
	out := map[string]map[string]*dataSeen{}
	known := map[[3]string]bool{}
	for i := range z.f.Principals {
		p := &z.f.Principals[i]
		for j := range p.Usage {
			u := &p.Usage[j]
			id := z.x.id(u.Action)
			if id < 0 || z.sight.kinds[id] != catalog.Data || !strings.HasPrefix(u.Resource, "arn:") {
				continue
			}
			container, isBucket := bucketOf(u.Resource)
			if key := [3]string{p.AccountID, z.sight.types[id], container}; !known[key] {
				known[key] = true
				z.showData(out, key, isBucket)
			}
		}
	}
	return out
}

// showData adds a resource, by account, type and ARN.
func (z *sizer) showData(out map[string]map[string]*dataSeen, key [3]string, isBucket bool) {
	account, kind, arn := key[0], key[1], key[2]
	if out[account] == nil {
		out[account] = map[string]*dataSeen{}
	}
	d := out[account][kind]
	if d == nil {
		d = &dataSeen{actions: z.sight.dataActions(z.x, kind)}
		out[account][kind] = d
	}
	d.resources = append(d.resources, readGlob(arn, true))
	if isBucket {
		d.resources = append(d.resources, readGlob(arn+"/*", true))
	}
}

// bucketOf is the bucket's ARN of a bucket or object, and others as they are.
func bucketOf(arn string) (container string, isBucket bool) {
	f := strings.SplitN(arn, ":", 6)
	if len(f) < 6 || f[2] != "s3" {
		return arn, false
	}
	bucket, _, _ := strings.Cut(f[5], "/")
	return strings.Join(f[:5], ":") + ":" + bucket, true
}

// dataActions are the actions that one type of data event shows.
func (v *visibility) dataActions(x *actionIndex, kind string) actionSet {
	out := x.empty()
	for i, t := range v.types {
		if t == kind && v.kinds[i] == catalog.Data {
			out.add(i)
		}
	}
	return out
}
