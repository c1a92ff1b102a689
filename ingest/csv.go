package ingest

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// csvColumns are the columns that are members of a record, by their names in
// lower case. The names with spaces are those of the console's "Event history"
// (a download of 2024), the others those of CloudTrail Lake's event schema.
var csvColumns = map[string]string{
	"user name": "userIdentity.userName", "aws access key": "userIdentity.accessKeyId",
	"event time": "eventTime", "event source": "eventSource", "event name": "eventName", "aws region": "awsRegion",
	"source ip address": "sourceIPAddress", "user agent": "userAgent", "error code": "errorCode", "request id": "requestID",
	"event id": "eventID", "read-only": "readOnly", "event type": "eventType", "recipient account id": "recipientAccountId",
	"event category": "eventCategory",

	"eventjson": jsonColumn, "eventversion": "eventVersion", "eventtime": "eventTime", "eventsource": "eventSource",
	"eventname": "eventName", "awsregion": "awsRegion", "sourceipaddress": "sourceIPAddress", "useragent": "userAgent",
	"errorcode": "errorCode", "errormessage": "errorMessage", "requestid": "requestID", "eventid": "eventID",
	"readonly": "readOnly", "eventtype": "eventType", "apiversion": "apiVersion", "managementevent": "managementEvent",
	"recipientaccountid": "recipientAccountId", "sharedeventid": "sharedEventID", "vpcendpointid": "vpcEndpointId",
	"vpcendpointaccountid": "vpcEndpointAccountId", "eventcategory": "eventCategory",
	"sessioncredentialfromconsole": "sessionCredentialFromConsole", "resources": "resources", "useridentity": "userIdentity",
	"requestparameters": "requestParameters", "responseelements": "responseElements",
	"additionaleventdata": "additionalEventData", "serviceeventdetails": "serviceEventDetails", "tlsdetails": "tlsDetails",
	"addendum": "addendum", "edgedevicedetails": "edgeDeviceDetails", "insightdetails": "insightDetails",

	"useridentity.type": "userIdentity.type", "useridentity.principalid": "userIdentity.principalId",
	"useridentity.arn": "userIdentity.arn", "useridentity.accountid": "userIdentity.accountId",
	"useridentity.accesskeyid": "userIdentity.accessKeyId", "useridentity.username": "userIdentity.userName",
	"useridentity.invokedby": "userIdentity.invokedBy",
}

// jsonColumn is the column that holds a record whole.
const jsonColumn = "eventJson"

// csvNeeds are the columns without which a row is no event.
var csvNeeds = []string{"eventID", "eventTime", "eventSource", "eventName"}

// maxHeader is how long the first line of a CSV file may be.
const maxHeader = 64 << 10

// isCSV reports whether a text begins with a line of column names of which
// CloudTrail's exports have two or more, or eventJson.
func isCSV(text []byte) bool {
	if len(text) == 0 || text[0] == '{' || text[0] == '[' || text[0] < ' ' {
		return false
	}
	line, _, _ := bytes.Cut(text[:min(len(text), maxHeader)], []byte("\n"))
	known := 0
	for _, name := range strings.Split(string(line), ",") {
		switch csvColumns[columnName(name)] {
		case "":
		case jsonColumn:
			return true
		default:
			known++
		}
	}
	return known >= 2
}

// columnName is a header's cell as csvColumns has it.
func columnName(cell string) string { return strings.ToLower(strings.Trim(cell, " \"\r")) }

// csvRecords turns a CSV export into JSON: an array of records, in the order of
// the rows. A row that holds its record whole (eventJson) gives that one.
// The error is a *FormatError.
func csvRecords(text []byte, most int64) ([]byte, error) {
	r := csv.NewReader(bytes.NewReader(text))
	r.ReuseRecord = true
	header, err := r.Read()
	if err != nil {
		return nil, csvError(err)
	}
	columns := make([]string, len(header))
	for i, name := range header {
		if columns[i] = csvColumns[columnName(name)]; columns[i] == "" {
			columns[i] = name // kept, beside what is known
		}
	}
	if err := csvLacks(columns); err != nil {
		return nil, err
	}
	out := []byte{'['}
	for {
		row, err := r.Read()
		switch {
		case int64(len(out)) > most:
			return nil, &FormatError{"larger than the limit of " + size(most)}
		case err == io.EOF:
			return append(out, ']'), nil
		case err != nil:
			return nil, csvError(err)
		case len(out) > 1:
			out = append(out, ',')
		}
		out = appendRow(out, columns, row)
	}
}

// csvLacks says which columns are missing of those that an event needs.
func csvLacks(columns []string) error {
	if slices.Contains(columns, jsonColumn) {
		return nil
	}
	var lacks []string
	for _, name := range csvNeeds {
		if !slices.Contains(columns, name) {
			lacks = append(lacks, name)
		}
	}
	if len(lacks) == 0 {
		return nil
	}
	return &FormatError{fmt.Sprintf("a CSV export without %s: select eventJson, or at least %s",
		strings.Join(lacks, ", "), strings.Join(csvNeeds, ", "))}
}

func csvError(err error) error {
	var bad *csv.ParseError
	if errors.As(err, &bad) {
		return &FormatError{fmt.Sprintf("broken CSV in line %d: %v", bad.Line, bad.Err)}
	}
	return &FormatError{"broken CSV: " + err.Error()}
}

// appendRow appends a row as a record.
func appendRow(out []byte, columns, row []string) []byte {
	if i := slices.Index(columns, jsonColumn); i >= 0 && row[i] != "" {
		out = append(out, `{"CloudTrailEvent":`...)
		return append(appendQuoted(out, row[i]), '}')
	}
	var identity, record []byte
	for i, cell := range row {
		if cell = plainCell(cell); cell == "" || cell == "null" || columns[i] == jsonColumn {
			continue
		}
		if name, ok := strings.CutPrefix(columns[i], "userIdentity."); ok {
			identity = appendMember(identity, name, cell)
			continue
		}
		record = appendMember(record, columns[i], cell)
	}
	if len(identity) > 0 {
		record = append(appendName(record, "userIdentity"), '{')
		record = append(append(record, identity...), '}')
	}
	out = append(append(out, '{'), record...)
	return append(out, '}')
}

// plainCell takes off what exporters put around a cell so that no spreadsheet
// takes it for a formula: '=1+1 and ="text".
func plainCell(cell string) string {
	if len(cell) > 1 && cell[0] == '\'' && strings.IndexByte("=+-@\t", cell[1]) >= 0 {
		return cell[1:]
	}
	if len(cell) > 2 && strings.HasPrefix(cell, `="`) && cell[len(cell)-1] == '"' {
		return cell[2 : len(cell)-1]
	}
	return cell
}

// appendName begins a member, behind the one before it.
func appendName(out []byte, name string) []byte {
	if n := len(out); n > 0 && out[n-1] != '{' {
		out = append(out, ',')
	}
	return append(appendQuoted(out, name), ':')
}

// appendMember appends a cell as the member called name.
func appendMember(out []byte, name, cell string) []byte {
	out = appendName(out, name)
	switch name {
	case "resources":
		return append(out, csvResources(cell)...)
	case "userIdentity", "requestParameters", "responseElements", "additionalEventData", "serviceEventDetails",
		"tlsDetails", "addendum", "edgeDeviceDetails", "insightDetails":
		return append(out, csvValue(cell)...)
	}
	return appendQuoted(out, cell)
}

// csvValue is a cell that holds something with members: JSON, the text of a
// struct as CloudTrail Lake writes it, or else a string.
func csvValue(cell string) []byte {
	if cell[0] == '{' || cell[0] == '[' {
		if json.Valid([]byte(cell)) {
			return []byte(cell)
		}
		if text, ok := structText(cell); ok {
			return text
		}
	}
	return appendQuoted(nil, cell)
}

// csvResources is the list of resources: of the console with resourceType and
// resourceName, which is an ARN or not.
func csvResources(cell string) []byte {
	value := csvValue(cell)
	var list []struct{ ResourceType, ResourceName string }
	if json.Unmarshal(value, &list) != nil {
		return value
	}
	out := []byte{'['}
	for i, r := range list {
		if r.ResourceType == "" && r.ResourceName == "" {
			return value
		}
		if i > 0 {
			out = append(out, ',')
		}
		name := "resourceName" // no column has it: it is kept beside them
		if strings.HasPrefix(r.ResourceName, "arn:") {
			name = "ARN"
		}
		out = append(appendName(append(out, '{'), "type"), appendQuoted(nil, r.ResourceType)...)
		out = append(appendName(out, name), appendQuoted(nil, r.ResourceName)...)
		out = append(out, '}')
	}
	return append(out, ']')
}
