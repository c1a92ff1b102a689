package report

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
)

// Bounds of a summary: what is more is counted, not shown.
const (
	maxBuckets     = 92
	maxServices    = 24
	maxNetworks    = 8
	maxCredentials = 8
	maxDenials     = 6
	maxAssumers    = 6
	maxCauses      = 12
)

// PrincipalSummary is what a page says about one principal. Its size does not
// grow with the number of events.
type PrincipalSummary struct {
	ARN       string    `json:"arn"`
	Kind      string    `json:"kind"`
	AccountID string    `json:"account_id"`
	Name      string    `json:"name"`
	First     time.Time `json:"first"`
	Last      time.Time `json:"last"`
	Events    int64     `json:"events"`
	Denied    int64     `json:"denied"`
	// Days is the number of days with at least one event.
	Days          int      `json:"days"`
	ServiceLinked bool     `json:"service_linked"`
	AssumedBy     []string `json:"assumed_by"` // the first few by name
	// Networks and Credentials are the busiest few of NetworkCount and CredentialCount.
	Networks        []NetworkSummary    `json:"networks"`
	NetworkCount    int                 `json:"network_count"`
	Credentials     []CredentialSummary `json:"credentials"`
	CredentialCount int                 `json:"credential_count"`
	// Services are sorted by name; the busiest few of ServiceCount.
	Services     []ServiceUse    `json:"services"`
	ServiceCount int             `json:"service_count"`
	Denials      []DenialSummary `json:"denials"` // the most frequent few
	// Causes add up all denials by what refused them, the most frequent first.
	Causes []CauseCount `json:"causes"`
	// Daily counts calls from the day From on, BucketDays days a value.
	From       time.Time `json:"from"`
	Daily      []int64   `json:"daily"`
	BucketDays int       `json:"bucket_days"`
	// FirstHour and LastHour are the hours (0 to 23, UTC) of the earliest and
	// the latest call of any day of each value of Daily, -1 where there is
	// none. Calls that services made for it do not count.
	FirstHour []int `json:"first_hour"`
	LastHour  []int `json:"last_hour"`
}

// NetworkSummary is a principal's use of one network.
type NetworkSummary struct {
	Network string    `json:"network"`
	Count   int64     `json:"count"`
	Denied  int64     `json:"denied"`
	Days    int       `json:"days"`
	First   time.Time `json:"first"`
	Last    time.Time `json:"last"`
	Agents  []string  `json:"agents"` // at most four, sorted
	// Active are the values of the principal's Daily, by index, in which it was used.
	Active []int `json:"active"`
}

// CredentialSummary is one access key, or all console use.
type CredentialSummary struct {
	ID     string    `json:"id"`
	Kind   string    `json:"kind"`
	First  time.Time `json:"first"`
	Last   time.Time `json:"last"`
	Events int64     `json:"events"`
	Denied int64     `json:"denied"`
}

// ServiceUse is what a principal did in one service.
type ServiceUse struct {
	Service string `json:"service"` // IAM prefix, as s3
	// Used is the number of distinct actions that were not refused.
	Used   int   `json:"used"`
	Calls  int64 `json:"calls"`
	Denied int64 `json:"denied"`
}

// DenialSummary is a group of refused calls.
type DenialSummary struct {
	Action string    `json:"action"`
	Code   string    `json:"code"`
	Layer  string    `json:"layer"`
	Count  int64     `json:"count"`
	First  time.Time `json:"first"`
	Last   time.Time `json:"last"`
}

// Summarise bounds the facts to what a page shows, sorted by ARN.
func Summarise(f *analyze.Facts) []PrincipalSummary {
	denials := map[string][]analyze.Denial{}
	for _, d := range f.Denials {
		denials[d.ARN] = append(denials[d.ARN], d)
	}
	out := make([]PrincipalSummary, 0, len(f.Principals))
	for i := range f.Principals {
		out = append(out, summarise(&f.Principals[i], denials[f.Principals[i].ARN], f.Window))
	}
	slices.SortStableFunc(out, func(a, b PrincipalSummary) int { return cmp.Compare(a.ARN, b.ARN) })
	return out
}

func summarise(p *analyze.Principal, denials []analyze.Denial, w analyze.Window) PrincipalSummary {
	s := PrincipalSummary{
		ARN: p.ARN, Kind: string(p.Kind), AccountID: p.AccountID, Name: p.Name,
		First: p.First, Last: p.Last, Events: p.Events, Denied: p.Denied, Days: p.Days,
		ServiceLinked: p.ServiceLinked, AssumedBy: head(p.AssumedBy, maxAssumers),
	}
	s.Credentials, s.CredentialCount = credentials(p.Credentials)
	s.Services, s.ServiceCount = services(p.Usage)
	s.Denials, s.Causes = denialGroups(denials), causes(denials)
	s.From = w.From.UTC().Truncate(24 * time.Hour)
	s.Daily, s.BucketDays = daily(p, s.From, w.Days()+1)
	s.Networks, s.NetworkCount = networks(p.Networks, s.bucket)
	s.FirstHour, s.LastHour = hours(p.Networks, len(s.Daily), s.bucket)
	return s
}

func networks(uses []analyze.NetworkUse, bucket func(time.Time) int) ([]NetworkSummary, int) {
	type tally struct {
		NetworkSummary
		days, agents map[string]bool
		active       map[int]bool
	}
	by := map[string]*tally{}
	for _, u := range uses {
		t := by[u.Network]
		if t == nil {
			t = &tally{NetworkSummary{Network: u.Network, First: u.First, Last: u.Last}, map[string]bool{}, map[string]bool{}, map[int]bool{}}
			by[u.Network] = t
		}
		t.Count, t.Denied = t.Count+u.Count, t.Denied+u.Denied
		t.First, t.Last = earlier(t.First, u.First), later(t.Last, u.Last)
		t.days[u.Day.Format(time.DateOnly)] = true
		if i := bucket(u.Day); i >= 0 {
			t.active[i] = true
		}
		for _, a := range u.Agents {
			t.agents[a] = true
		}
	}
	out := make([]NetworkSummary, 0, len(by))
	for _, t := range by {
		t.Days, t.Agents, t.Active = len(t.days), head(slices.Sorted(maps.Keys(t.agents)), 4), slices.Sorted(maps.Keys(t.active))
		out = append(out, t.NetworkSummary)
	}
	slices.SortFunc(out, func(a, b NetworkSummary) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Network, b.Network))
	})
	return head(out, maxNetworks), len(out)
}

func credentials(in []analyze.Credential) ([]CredentialSummary, int) {
	out := make([]CredentialSummary, 0, len(in))
	for _, c := range in {
		out = append(out, CredentialSummary{c.ID, string(c.Kind), c.First, c.Last, c.Events, c.Denied})
	}
	// Long-term keys first: they are few, and they are what can be forgotten.
	lasting := func(c CredentialSummary) int {
		if c.Kind == string(analyze.LongTermKey) {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(out, func(a, b CredentialSummary) int {
		return cmp.Or(cmp.Compare(lasting(a), lasting(b)), cmp.Compare(b.Events, a.Events), cmp.Compare(a.ID, b.ID))
	})
	return head(out, maxCredentials), len(out)
}

func services(usage []analyze.Usage) ([]ServiceUse, int) {
	by, seen := map[string]*ServiceUse{}, map[string]bool{}
	for _, u := range usage {
		name, _, _ := strings.Cut(u.Action, ":")
		s := by[name]
		if s == nil {
			s = &ServiceUse{Service: name}
			by[name] = s
		}
		s.Calls += u.Count
		if u.Outcome == analyze.OutcomeDenied {
			s.Denied += u.Count
		} else if !seen[u.Action] {
			seen[u.Action] = true
			s.Used++
		}
	}
	out := make([]ServiceUse, 0, len(by))
	for _, s := range by {
		out = append(out, *s)
	}
	slices.SortFunc(out, func(a, b ServiceUse) int {
		return cmp.Or(cmp.Compare(b.Calls, a.Calls), cmp.Compare(a.Service, b.Service))
	})
	n := len(out)
	out = head(out, maxServices)
	slices.SortFunc(out, func(a, b ServiceUse) int { return cmp.Compare(a.Service, b.Service) })
	return out, n
}

func denialGroups(in []analyze.Denial) []DenialSummary {
	type key struct{ action, code, layer string }
	by := map[key]*DenialSummary{}
	for _, d := range in {
		action := d.Action
		if action == "" {
			action = strings.TrimSuffix(d.EventSource, ".amazonaws.com") + " " + d.EventName
		}
		k := key{action, d.Code, d.Layer}
		s := by[k]
		if s == nil {
			s = &DenialSummary{Action: action, Code: d.Code, Layer: d.Layer, First: d.First, Last: d.Last}
			by[k] = s
		}
		s.Count += d.Count
		s.First, s.Last = earlier(s.First, d.First), later(s.Last, d.Last)
	}
	out := make([]DenialSummary, 0, len(by))
	for _, s := range by {
		out = append(out, *s)
	}
	slices.SortFunc(out, func(a, b DenialSummary) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Action, b.Action), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Layer, b.Layer))
	})
	return head(out, maxDenials)
}

// daily counts calls by day from the networks, where every event has a row,
// else from the usage.
func daily(p *analyze.Principal, from time.Time, days int) ([]int64, int) {
	size := max(1, (days+maxBuckets-1)/maxBuckets)
	out := make([]int64, (days+size-1)/size)
	add := func(day time.Time, n int64) {
		if i := int(day.Sub(from).Hours()/24) / size; !day.Before(from) && i < len(out) {
			out[i] += n
		}
	}
	for _, n := range p.Networks {
		add(n.Day, n.Count)
	}
	if len(p.Networks) == 0 {
		for _, u := range p.Usage {
			add(u.Day, u.Count)
		}
	}
	return out, size
}

func head[T any](s []T, n int) []T { return s[:min(n, len(s)):min(n, len(s))] }

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
