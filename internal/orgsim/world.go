package orgsim

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	day     = 24 * time.Hour
	seconds = int64(86400) // of a day
)

// world is the organisation while it is made. Days read it and write nothing.
type world struct {
	cfg      Config
	org      Org
	first    int64 // unix time of the first day
	apis     map[string]*api
	actors   []*actor
	byName   map[string]*actor // account index/persona name: the first unit's actor
	plants   []*planted
	results  []result // a day each
	accounts []string
	scale    float64
}

// planted is a plant while its events are made.
type planted struct {
	Plant
	index int
}

// actor is one principal: a user, a role, or one person behind a shared role.
type actor struct {
	*Persona
	index   int
	account int
	unit    string // the person of an SSO role
	role    string // name of user or role
	path    string
	arn     string
	id      string // AIDA… or AROA…
	key     string // AKIA…, users only
	seed    uint64
	region  string
	by      *actor
	work    []job
	sum     float64 // of the jobs' weights
	plants  map[string]*planted
}

// job is a line of Persona.Work, compiled.
type job struct {
	weight float64 // running sum
	call   call
	fault  *Fault
	via    string
	plant  string
}

// call is an operation on a resource.
type call struct {
	api  *api
	name template
}

func newWorld(dir string, cfg Config) (*world, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	table, err := apiTable()
	if err != nil {
		return nil, err
	}
	w := &world{cfg: cfg, apis: table, byName: map[string]*actor{}, first: cfg.End.Add(-time.Duration(cfg.Days) * day).Unix()}
	w.accounts = accountIDs(cfg.Accounts)
	r := rng(mix(cfg.Seed, textSeed("organisation")))
	w.org = Org{
		ID: "o-" + string(r.digits(nil, "abcdefghijklmnopqrstuvwxyz0123456789", 10)), Accounts: w.accounts,
		From: time.Unix(w.first, 0).UTC(), End: cfg.End.UTC(),
		Archive: filepath.Join(dir, "archive"), IAM: filepath.Join(dir, "iam"),
	}
	if err := w.populate(); err != nil {
		return nil, err
	}
	return w, nil
}

// accountIDs are ids that AWS's documentation uses, then ones like them.
func accountIDs(n int) []string {
	ids := []string{"111122223333", "222233334444", "333344445555", "444455556666", "555566667777", "666677778888", "777788889999", "888899990000"}
	for i := len(ids); i < n; i++ {
		ids = append(ids, fmt.Sprintf("9999%08d", i))
	}
	return ids[:n]
}

// populate makes the actors of the personas.
func (w *world) populate() error {
	for i := range w.cfg.Personas {
		p := &w.cfg.Personas[i]
		for account := range w.accounts {
			if !p.Every && account != p.Account%len(w.accounts) {
				continue
			}
			if err := w.enrol(p, account); err != nil {
				return fmt.Errorf("persona %s: %w", p.Name, err)
			}
		}
	}
	for _, a := range w.actors {
		if a.Kind == Assumed {
			if a.by = w.find(a.By, a.account); a.by == nil {
				return fmt.Errorf("persona %s: nobody is called %s to assume it", a.Name, a.By)
			}
		}
	}
	w.org.Principals = len(w.actors)
	return nil
}

// find looks in the account, then in the others.
func (w *world) find(name string, account int) *actor {
	for i := range w.accounts {
		if a := w.byName[key(name, (account+i)%len(w.accounts))]; a != nil {
			return a
		}
	}
	return nil
}

func key(name string, account int) string { return strconv.Itoa(account) + "/" + name }

func (w *world) enrol(p *Persona, account int) error {
	work, sum, err := w.jobs(p)
	if err != nil {
		return err
	}
	units := []string{""}
	if p.Kind == SSO && len(p.Units) > 0 {
		units = p.Units
	}
	plants := w.plantsOf(p, account)
	for _, unit := range units {
		a := &actor{Persona: p, index: len(w.actors), account: account, unit: unit, work: work, sum: sum, plants: plants, region: p.Region}
		if a.region == "" {
			a.region = "eu-west-1"
		}
		a.identify(w)
		w.actors = append(w.actors, a)
		if k := key(p.Name, account); w.byName[k] == nil {
			w.byName[k] = a
		}
	}
	first := w.byName[key(p.Name, account)]
	for _, pl := range plants {
		if pl.Principal == "" {
			pl.Principal = first.arn
		}
	}
	return nil
}

// identify gives an actor its names and ids. They hang on the seed and the
// name, not on the place in the cast.
func (a *actor) identify(w *world) {
	id := w.accounts[a.account]
	a.role, a.path = a.Name, "/"
	a.seed = mix(w.cfg.Seed, textSeed(id), textSeed(a.Name), textSeed(a.unit))
	r := rng(mix(w.cfg.Seed, textSeed(id), textSeed(a.Name)))
	switch a.Kind {
	case Service:
		a.arn = a.Name
		return
	case Root:
		a.arn, a.id = "arn:aws:iam::"+id+":root", id
		return
	case User:
		a.arn, a.id = "arn:aws:iam::"+id+":user/"+a.Name, uniqueID("AIDA", &r)
		a.key = accessKey("AKIA", &r)
		return
	case SSO:
		a.role, a.path = "AWSReservedSSO_"+a.Name+"_"+r.hex(16), "/aws-reserved/sso.amazonaws.com/eu-west-1/"
	case Linked:
		a.path = "/aws-service-role/" + a.By + "/"
	}
	a.arn, a.id = "arn:aws:iam::"+id+":role"+a.path+a.role, uniqueID("AROA", &r)
}

func (w *world) plantsOf(p *Persona, account int) map[string]*planted {
	out := map[string]*planted{}
	for _, pl := range p.Plants {
		pl.Account = w.accounts[account]
		pl.Actions, pl.Resources = slices.Clone(pl.Actions), slices.Clone(pl.Resources)
		for i := range pl.Resources {
			pl.Resources[i] = strings.ReplaceAll(pl.Resources[i], "<account>", pl.Account)
		}
		made := &planted{Plant: pl, index: len(w.plants)}
		w.plants = append(w.plants, made)
		out[pl.Kind] = made
	}
	return out
}

// jobs compiles Persona.Work.
func (w *world) jobs(p *Persona) ([]job, float64, error) {
	var out []job
	sum := 0.0
	for _, line := range p.Work {
		words := strings.Fields(line)
		if len(words) < 2 {
			return nil, 0, fmt.Errorf("work %q: want a weight and an operation", line)
		}
		weight, err := strconv.ParseFloat(words[0], 64)
		if err != nil {
			return nil, 0, fmt.Errorf("work %q: %w", line, err)
		}
		made, err := w.job(words[1], words[2:])
		if err != nil {
			return nil, 0, fmt.Errorf("work %q: %w", line, err)
		}
		for i := range made {
			sum += weight / float64(len(made))
			made[i].weight = sum
		}
		out = append(out, made...)
	}
	return out, sum, nil
}

// job makes a job for each of the names.
func (w *world) job(id string, words []string) ([]job, error) {
	var base job
	names := slices.DeleteFunc(slices.Clone(words), func(word string) bool {
		k, v, _ := strings.Cut(word, ":")
		switch k {
		case "via":
			base.via = v + ".amazonaws.com"
		case "fail":
			base.fault = faults[v]
		case "plant":
			base.plant = v
		default:
			return false
		}
		return true
	})
	if len(names) == 0 {
		names = []string{""}
	}
	var out []job
	for _, name := range names {
		c, err := w.call(id, name)
		if err != nil {
			return nil, err
		}
		base.call = c
		out = append(out, base)
	}
	return out, nil
}

func (w *world) call(id, name string) (call, error) {
	a := w.apis[id]
	if a == nil {
		return call{}, fmt.Errorf("unknown operation %s", id)
	}
	t, err := parse(name)
	return call{a, t}, err
}
