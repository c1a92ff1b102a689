package ingest

import (
	"bytes"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/internal/event"
)

// BenchmarkDecode decodes one object of 150 records of the usual size.
func BenchmarkDecode(b *testing.B) {
	record := rec("6f0a5f3c-2d84-4b63-9d5c-8a3f0b7c1e22", `"userIdentity":{"type":"AssumedRole","principalId":"AROAEXAMPLEEXAMPLE:i-0a1b2c3d4e5f60718","arn":"arn:aws:sts::111122223333:assumed-role/app/i-0a1b2c3d4e5f60718","accountId":"111122223333","accessKeyId":"ASIAEXAMPLEEXAMPLE","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROAEXAMPLEEXAMPLE","arn":"arn:aws:iam::111122223333:role/app","accountId":"111122223333","userName":"app"},"attributes":{"creationDate":"2026-01-31T11:00:00Z","mfaAuthenticated":"false"},"ec2RoleDelivery":"2.0"}}`,
		`"awsRegion":"eu-west-1","sourceIPAddress":"192.0.2.7","userAgent":"[aws-sdk-go-v2/1.30.0 os/linux lang/go md/GOOS#linux api/s3]"`,
		`"requestParameters":{"bucketName":"data-example","Host":"data-example.s3.eu-west-1.amazonaws.com","key":"year=2026/month=01/part-00017.parquet"},"responseElements":null`,
		`"additionalEventData":{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256","bytesTransferredIn":0,"AuthenticationMethod":"AuthHeader","x-amz-id-2":"bm90IGEgcmVhbCBvbmUsIGJ1dCBhcyBsb25n","bytesTransferredOut":52311}`,
		`"requestID":"EXAMPLE123456789","readOnly":true,"resources":[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::data-example/year=2026/month=01/part-00017.parquet"},{"accountId":"111122223333","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::data-example"}]`,
		`"eventType":"AwsApiCall","managementEvent":false,"eventCategory":"Data","tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"data-example.s3.eu-west-1.amazonaws.com"}`)
	text := doc(strings.Split(strings.TrimSuffix(strings.Repeat(record+"\n", 150), "\n"), "\n")...)
	for name, content := range map[string][]byte{"plain": []byte(text), "gzip": zip(b, text)} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Decode(event.Object{}, bytes.Clone(content), Limits{}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/150, "ns/event")
		})
	}
}
