package iam

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// reportColumns are the columns that must be there; AWS adds others.
var reportColumns = []string{"user", "arn", "user_creation_time", "password_enabled", "mfa_active", "access_key_1_active", "access_key_2_active"}

func isReport(data []byte) bool {
	line, _, _ := bytes.Cut(data, []byte("\n"))
	return bytes.Contains(line, []byte("user_creation_time")) && !bytes.HasPrefix(line, []byte("{")) && !bytes.HasPrefix(line, []byte("["))
}

// wrapped is get-credential-report: the CSV in base64 from the CLI, plain from SDKs.
func (l *Loaded) wrapped(docs []json.RawMessage, into States) error {
	var w struct {
		Content       string
		GeneratedTime when
	}
	if err := json.Unmarshal(docs[0], &w); err != nil {
		return fmt.Errorf("get-credential-report: %w", broken(err))
	}
	data := []byte(w.Content)
	if !isReport(data) {
		var err error
		if data, err = base64.StdEncoding.DecodeString(w.Content); err != nil || !isReport(data) {
			return errors.New("get-credential-report: Content is neither the CSV nor its base64")
		}
		if data, err = utf8Text(data); err != nil {
			return fmt.Errorf("get-credential-report: %w", err)
		}
	}
	return l.report(data, w.GeneratedTime, into)
}

func (l *Loaded) report(data []byte, at when, into States) error {
	l.What, l.Used = "credential report", true
	lines, err := readReport(data)
	if err != nil {
		return fmt.Errorf("credential report: %w", err)
	}
	for _, c := range lines {
		if accountOf(c.ARN) == "" {
			return fmt.Errorf("credential report: the line of %q has no account in its ARN %q", c.User, c.ARN)
		}
	}
	slices.SortStableFunc(lines, func(a, b Credentials) int { return cmp.Compare(a.ARN, b.ARN) })
	for _, c := range lines {
		account := accountOf(c.ARN)
		s := into.of(account)
		if !slices.Contains(l.Accounts, account) {
			l.Accounts = append(l.Accounts, account)
		}
		s.Report = put(s, s.Report, c, func(c Credentials) string { return c.ARN })
		s.HasReport = true
	}
	for _, a := range l.Accounts {
		if into[a].TakenAt.Before(at.Time) {
			into[a].TakenAt = at.Time
		}
		into[a].tidy()
	}
	return nil
}

func readReport(data []byte) ([]Credentials, error) {
	r := csv.NewReader(bytes.NewReader(data))
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil {
		return nil, err
	}
	column := map[string]int{}
	for i, name := range rows[0] {
		column[strings.TrimSpace(name)] = i
	}
	for _, c := range reportColumns {
		if _, ok := column[c]; !ok {
			return nil, fmt.Errorf("column %s is missing", c)
		}
	}
	out := make([]Credentials, len(rows)-1)
	for i, row := range rows[1:] {
		if out[i], err = readCredentials(row, column); err != nil {
			return nil, fmt.Errorf("line %d: %w", i+2, err)
		}
	}
	return out, nil
}

// reportRow is one line; the first error is kept.
type reportRow struct {
	row    []string
	column map[string]int
	err    error
}

func readCredentials(row []string, column map[string]int) (Credentials, error) {
	r := &reportRow{row: row, column: column}
	c := Credentials{
		User: r.text("user"), ARN: r.text("arn"), Created: r.time("user_creation_time"),
		PasswordEnabled:  r.yes("password_enabled"),
		PasswordLastUsed: r.time("password_last_used"), PasswordChanged: r.time("password_last_changed"),
		MFA: r.yes("mfa_active"), Keys: [2]Key{r.key("access_key_1_"), r.key("access_key_2_")},
	}
	return c, r.err
}

func (r *reportRow) key(prefix string) Key {
	return Key{
		Active: r.yes(prefix + "active"), Rotated: r.time(prefix + "last_rotated"), LastUsed: r.time(prefix + "last_used_date"),
		LastService: r.text(prefix + "last_used_service"), LastRegion: r.text(prefix + "last_used_region"),
	}
}

// text is a cell; N/A and the like are empty.
func (r *reportRow) text(name string) string {
	i, ok := r.column[name]
	if !ok || i >= len(r.row) {
		return ""
	}
	switch s := r.row[i]; s {
	case "N/A", "no_information", "not_supported":
		return ""
	default:
		return s
	}
}

func (r *reportRow) yes(name string) bool { return strings.EqualFold(r.text(name), "true") }

func (r *reportRow) time(name string) time.Time {
	s := r.text(name)
	if s == "" {
		return time.Time{}
	}
	w, err := parseWhen(s)
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("%s: %w", name, err)
	}
	return w.Time
}
