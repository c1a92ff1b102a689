package orgsim

import (
	"strconv"
	"strings"
	"time"
)

// reportColumns are those of the credential report.
const reportColumns = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active," +
	"access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service," +
	"access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service," +
	"cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated"

const none = "N/A"

// report is the credential report of an account, the root first.
func (w *world) report(account int) []byte {
	rows := []string{reportColumns, ""}
	id := w.accounts[account]
	root := w.byName[key("root", account)]
	for _, a := range w.actors {
		if a.account == account && a.Kind == User {
			rows = append(rows, strings.Join(w.reportRow(a), ","))
		}
	}
	used := "no_information"
	if root != nil {
		used = w.passwordUsed(root)
	}
	rows[1] = strings.Join([]string{"<root_account>", "arn:aws:iam::" + id + ":root", stamp(w.cfg.End.Add(-1500 * day)),
		"not_supported", used, "not_supported", "not_supported", "true", "false", none, none, none, none, "false", none, none, none, none, "false", none, "false", none}, ",")
	return []byte(strings.Join(rows, "\n") + "\n")
}

func (w *world) reportRow(a *actor) []string {
	born := w.born(a)
	row := []string{a.Name, a.arn, stamp(born), strconv.FormatBool(a.Password)}
	if a.Password {
		row = append(row, w.passwordUsed(a), stamp(born.Add(time.Hour)), none)
	} else {
		row = append(row, none, none, none)
	}
	row = append(row, strconv.FormatBool(a.MFA))
	row = append(row, w.keyRow(a, born)...)
	if a.SecondKey {
		row = append(row, "true", stamp(w.cfg.End.Add(-8*day+10*time.Hour)), none, none, none)
	} else {
		row = append(row, "false", none, none, none, none)
	}
	return append(row, "false", none, "false", none)
}

func (w *world) keyRow(a *actor, born time.Time) []string {
	if a.NoKey {
		return []string{"false", none, none, none, none}
	}
	row := []string{"true", stamp(born.Add(10 * time.Minute))}
	if l, ok := w.lastUse(use{actor: a.index}); ok {
		return append(row, stamp(time.Unix(l.at, 0)), l.region, l.service)
	}
	if a.LastUsed > 0 {
		return append(row, stamp(w.daysBefore(a.LastUsed)), a.region, "s3")
	}
	return append(row, none, none, none)
}

func (w *world) passwordUsed(a *actor) string {
	if l, ok := w.lastUse(use{a.index, true}); ok {
		return stamp(time.Unix(l.at, 0))
	}
	if a.PasswordUsed > 0 {
		return stamp(w.daysBefore(a.PasswordUsed))
	}
	return "no_information"
}

// daysBefore is a time that lies that many whole days before the end.
func (w *world) daysBefore(days int) time.Time {
	return w.cfg.End.Add(-time.Duration(days)*day - 13*time.Hour)
}
