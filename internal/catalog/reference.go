package catalog

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

// reference is one file of AWS's service reference information, as far as it
// is read (Service Authorization Reference, "Simplified AWS service
// information for programmatic access", seen 2026-11).
type reference struct {
	Name    string
	Version string
	Actions []struct {
		Name                string
		ActionConditionKeys []string
		Annotations         struct{ Properties referenceProperties }
		Resources           []struct{ Name string }
	}
	Resources []struct {
		Name          string
		ARNFormats    []string
		ConditionKeys []string
	}
	ConditionKeys []struct {
		Name  string
		Types []string
	}
	Operations []referenceOperation
}

type referenceProperties struct{ IsList, IsPermissionManagement, IsTaggingOnly, IsWrite bool }

type referenceOperation struct {
	Name              string
	AuthorizedActions []struct{ Name, Service string }
}

// ReferenceError tells which file of a service reference cannot be used.
type ReferenceError struct {
	File string
	Err  error
}

func (e *ReferenceError) Error() string {
	return fmt.Sprintf("service reference %s: %v", e.File, e.Err)
}

// Unwrap returns the reason.
func (e *ReferenceError) Unwrap() error { return e.Err }

// WithServiceReference returns the embedded catalogue with AWS's own newer
// service files laid over it: the JSON files anywhere below dir, one a
// service, as a person downloaded them. An action, resource type or condition
// key of a file replaces the embedded one of its name; what no file has stays.
//
// An operation that no rule resolves is taken for the one action that AWS says
// it authorises, if there is one alone: the list is what AWS may check, not
// what a call needs. Errors are *ReferenceError, or those of dir.
func WithServiceReference(dir fs.FS) (*Catalog, error) {
	c := Default().copy()
	err := fs.WalkDir(dir, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".json" {
			return err
		}
		data, err := fs.ReadFile(dir, name)
		if err != nil {
			return err
		}
		if err := c.overlay(data); err != nil {
			return &ReferenceError{name, err}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if c.references == 0 {
		return nil, &ReferenceError{".", fmt.Errorf("no service file: %w", fs.ErrNotExist)}
	}
	return c, nil
}

// References is the number of service files laid over the embedded data.
func (c *Catalog) References() int { return c.references }

// copy is a catalogue of the same services, to be changed before it is used.
func (c *Catalog) copy() *Catalog {
	out := newCatalog(0)
	out.date, out.sources, out.services, out.prefixes = c.date, c.sources, maps.Clone(c.services), slices.Clone(c.prefixes)
	details := maps.Clone(c.details())
	out.details = func() map[string]*serviceDetails { return details }
	return out
}

// overlay lays one file over the catalogue. The index of all services, which
// lies beside the files, is no service and passes.
func (c *Catalog) overlay(data []byte) error {
	if strings.HasPrefix(strings.TrimSpace(string(data)), "[") {
		return nil
	}
	var ref reference
	if err := json.Unmarshal(data, &ref); err != nil {
		return err
	}
	if err := ref.check(); err != nil {
		return err
	}
	ref.Name = strings.ToLower(ref.Name)
	old := c.services[ref.Name].open()
	if old == nil {
		c.prefixes = append(c.prefixes, ref.Name)
		slices.Sort(c.prefixes)
	}
	c.services[ref.Name] = ref.service(old)
	c.details()[ref.Name] = ref.details(c.details()[ref.Name])
	c.references++
	c.laid = sha256.Sum256(append(c.laid[:], data...))
	return nil
}

// check holds that the names are such as IAM has.
func (r *reference) check() error {
	if !isName(r.Name) || r.Actions == nil {
		return fmt.Errorf("no service: Name or Actions is missing")
	}
	for _, a := range r.Actions {
		if !isName(a.Name) {
			return fmt.Errorf("%q is no action", a.Name)
		}
	}
	for _, t := range r.Resources {
		for _, arn := range t.ARNFormats {
			if !isName(t.Name) || strings.Count(arn, ":") < 5 {
				return fmt.Errorf("resource %q: %q is no ARN", t.Name, arn)
			}
		}
	}
	return nil
}

// isName tells letters, digits, hyphens and their like alone.
func isName(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(c rune) bool {
		return !letter(byte(min(c, 127))) && !(c >= '0' && c <= '9') && !strings.ContainsRune("-_.:/", c)
	})
}

func (p referenceProperties) level() AccessLevel {
	switch {
	case p.IsPermissionManagement:
		return Permission
	case p.IsTaggingOnly:
		return Tagging
	case p.IsWrite:
		return Write
	case p.IsList:
		return List
	}
	return Read
}
