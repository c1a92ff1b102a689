package iam

import (
	"encoding/json"
	"fmt"
	"strings"
)

func (l *Loaded) summary(docs []json.RawMessage, into States) error {
	type answer struct{ SummaryMap map[string]int }
	return each(l, docs, func(a answer, raw json.RawMessage) error {
		s, err := l.only(into, raw)
		if err == nil {
			s.Summary = a.SummaryMap
			if s.Summary == nil {
				s.Summary = map[string]int{}
			}
		}
		return err
	})
}

// isPasswordPolicy takes in AWS's answer where there is no policy, as it was recorded.
func isPasswordPolicy(m object) bool {
	return m.has("PasswordPolicy") || strings.Contains(m.inner("Error").text("Message"), "Password Policy")
}

func (l *Loaded) passwordPolicy(docs []json.RawMessage, into States) error {
	type answer struct {
		PasswordPolicy *struct {
			MinimumPasswordLength, MaxPasswordAge, PasswordReusePrevention                         int
			RequireSymbols, RequireNumbers, RequireUppercaseCharacters, RequireLowercaseCharacters bool
			AllowUsersToChangePassword, HardExpiry                                                 bool
		}
		Error *struct{ Code string }
	}
	return each(l, docs, func(a answer, raw json.RawMessage) error {
		if a.Error != nil && a.Error.Code != "NoSuchEntity" {
			l.Used, l.Reason = false, "AWS refused it: "+a.Error.Code
			return nil
		}
		s, err := l.only(into, raw)
		if err != nil {
			return err
		}
		s.PasswordPolicy = &PasswordPolicy{}
		if p := a.PasswordPolicy; p != nil {
			*s.PasswordPolicy = PasswordPolicy{
				true, p.MinimumPasswordLength, p.RequireSymbols, p.RequireNumbers, p.RequireUppercaseCharacters, p.RequireLowercaseCharacters,
				p.AllowUsersToChangePassword, p.MaxPasswordAge, p.PasswordReusePrevention, p.HardExpiry,
			}
		}
		return nil
	})
}

// identity makes the caller's account known, for files that name none.
func (l *Loaded) identity(docs []json.RawMessage, into States) error {
	return each(l, docs, func(a struct{ Account string }, _ json.RawMessage) error {
		if !isAccountID(a.Account) {
			return fmt.Errorf("%s: Account %q is none", l.What, a.Account)
		}
		into.of(a.Account)
		l.of(a.Account)
		return nil
	})
}

func (l *Loaded) virtualMFA(docs []json.RawMessage, into States) error {
	type answer struct {
		VirtualMFADevices []struct {
			SerialNumber string
			User         struct{ Arn string }
			EnableDate   when
		}
	}
	return each(l, docs, func(a answer, raw json.RawMessage) error {
		if len(a.VirtualMFADevices) == 0 {
			s, err := l.only(into, raw)
			if err == nil {
				s.HasVirtualMFA = true
			}
			return err
		}
		for _, d := range a.VirtualMFADevices {
			account := accountOf(d.SerialNumber)
			if account == "" {
				return fmt.Errorf("%s: serial number %q names no account", l.What, d.SerialNumber)
			}
			s := into.of(account)
			l.of(account)
			s.HasVirtualMFA = true
			s.VirtualMFA = put(s, s.VirtualMFA, VirtualMFA{d.SerialNumber, d.User.Arn, d.EnableDate.Time}, serial)
		}
		return nil
	})
}

func serial(d VirtualMFA) string { return d.Serial }

func (l *Loaded) accessKeys(docs []json.RawMessage, into States) error {
	type answer struct {
		AccessKeyMetadata []struct {
			UserName, AccessKeyID, Status string
			CreateDate                    when
		}
	}
	return each(l, docs, func(a answer, raw json.RawMessage) error {
		s, err := l.only(into, raw)
		if err != nil {
			return err
		}
		s.HasAccessKeys = true
		for _, k := range a.AccessKeyMetadata {
			s.AccessKeys = put(s, s.AccessKeys, AccessKey{k.AccessKeyID, k.UserName, k.Status == "Active", k.CreateDate.Time}, keyID)
		}
		return nil
	})
}

func keyID(k AccessKey) string { return k.ID }
