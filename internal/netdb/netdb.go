// Package netdb reads what registers say of IP addresses: country, autonomous
// system and its owner from MMDB files (MaxMind's GeoLite2 and GeoIP2, DB-IP,
// IPinfo), and AWS's own list of its ranges, ip-ranges.json.
//
// File names come in; a rules.Place an address goes out. It downloads nothing
// and ships no data; which files to trust is the user's choice.
//
//	db, err := netdb.Open([]string{"GeoLite2-ASN.mmdb"}, "ip-ranges.json")
//	options.Place = db.Place
package netdb

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/oschwald/maxminddb-golang/v2"

	"github.com/trimtrail/trimtrail/rules"
)

// DB is the open files. It is for one goroutine.
type DB struct {
	files   []file
	aws     *ranges
	trouble error // the first record that could not be read
}

type file struct {
	name   string
	reader *maxminddb.Reader
}

// FileError names the file that could not be used.
type FileError struct {
	Name string
	Err  error
}

func (e *FileError) Error() string { return fmt.Sprintf("read %s: %v", e.Name, e.Err) }

// Unwrap is the cause.
func (e *FileError) Unwrap() error { return e.Err }

// Open opens MMDB files and AWS's ip-ranges.json; an empty name of that is
// none. Errors are *FileError. Close it when the analysis is done.
func Open(mmdb []string, awsRanges string) (*DB, error) {
	db := &DB{}
	for _, name := range mmdb {
		r, err := maxminddb.Open(name)
		if err != nil {
			return nil, errors.Join(&FileError{name, err}, db.Close())
		}
		db.files = append(db.files, file{name, r})
	}
	if awsRanges != "" {
		var err error
		if db.aws, err = readRanges(awsRanges); err != nil {
			return nil, errors.Join(&FileError{awsRanges, err}, db.Close())
		}
	}
	return db, nil
}

// Close closes the files.
func (db *DB) Close() error {
	var errs []error
	for _, f := range db.files {
		errs = append(errs, f.reader.Close())
	}
	db.files = nil
	return errors.Join(errs...)
}

// Trouble is the first record that could not be read, a *FileError, or nil.
// Such a record tells nothing.
func (db *DB) Trouble() error { return db.trouble }

// Place is what the files say of an address. What the first file leaves out
// the next may tell.
func (db *DB) Place(a netip.Addr) rules.Place {
	p := db.aws.place(a)
	for _, f := range db.files {
		var record map[string]any
		if err := f.reader.Lookup(a).Decode(&record); err != nil {
			if db.trouble == nil {
				db.trouble = &FileError{f.name, err}
			}
			continue
		}
		fill(&p, record)
	}
	return p
}

// fill takes what the place lacks from a record, by the names that the known
// publishers use.
func fill(p *rules.Place, r map[string]any) {
	if p.ASN == 0 {
		p.ASN = first(r, asn, "autonomous_system_number", "asn")
	}
	if p.Owner == "" {
		p.Owner = first(r, text, "autonomous_system_organization", "as_name", "name")
	}
	if p.Country == "" {
		p.Country = first(r, country, "country", "country_code", "registered_country")
	}
}

// first is the first of the fields that reads as something.
func first[T comparable](r map[string]any, read func(any) T, names ...string) T {
	var zero T
	for _, n := range names {
		if v := read(r[n]); v != zero {
			return v
		}
	}
	return zero
}

// asn reads 64500 and AS64500.
func asn(v any) uint32 {
	switch v := v.(type) {
	case uint64:
		if v < 1<<32 {
			return uint32(v)
		}
	case uint32:
		return v
	case string:
		n, err := strconv.ParseUint(strings.TrimPrefix(strings.ToUpper(v), "AS"), 10, 32)
		if err == nil {
			return uint32(n)
		}
	}
	return 0
}

// text is a name on one line, of at most eighty bytes.
func text(v any) string {
	s, _ := v.(string)
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > 80 {
		s = strings.ToValidUTF8(s[:80], "")
	}
	return s
}

// country reads DE and {"iso_code":"DE"}.
func country(v any) string {
	if m, ok := v.(map[string]any); ok {
		v = m["iso_code"]
	}
	s, _ := v.(string)
	if len(s) != 2 {
		return ""
	}
	return strings.ToUpper(s)
}
